"""Where the groupement and its structures are kept."""

from collections.abc import Collection
from typing import Any

from servicekit.sql import Work, insert
from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Integer, Row, Table, Text, select, update

from shared_identity.days import Period
from shared_identity.structures.domain import Groupement, Structure, VatStatus
from shared_identity.tables import METADATA

groupement = Table(
    "groupement",
    METADATA,
    Column("slug", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("signature", Text, nullable=False),
)
"""The alliance's name and signature: one row."""

structure = Table(
    "structure",
    METADATA,
    Column("slug", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("legal_form", Text, nullable=False),
    Column("siren", Text, nullable=False),
    Column("siret", Text, nullable=False),
    Column("rna", Text, nullable=False),
    Column("vat_status", Text, nullable=False),
    Column("data_contact", Text, nullable=False),
    Column("brand_hue", Integer, nullable=False),
    Column("start_date", Date, nullable=False),
    Column("end_date", Date),
    Column("version", BigInteger, nullable=False),
    CheckConstraint("siret = '' OR substr(siret, 1, 9) = siren", name="siret_of_siren"),
)
"""The legal entities."""

_COLUMNS = [column.name for column in structure.columns if column.name not in ("slug", "version")]


async def read_groupement(work: Work) -> Groupement:
    """The groupement, nameless before it was given a name."""
    row = (await work.execute(select(groupement))).first()
    entered = [_structure(kept) for kept in await work.execute(select(structure))]
    structures = tuple(sorted(entered, key=lambda each: (each.period.start, each.slug)))
    if row is None:
        return Groupement(name="", signature="", structures=structures)
    return Groupement(name=row.name, signature=row.signature, structures=structures)


async def write_groupement(work: Work, slug: str, name: str, signature: str) -> None:
    """Gives the groupement its name and signature."""
    given = insert(groupement).values(slug=slug, name=name, signature=signature)
    changed = {"name": given.excluded.name, "signature": given.excluded.signature}
    await work.execute(given.on_conflict_do_update(index_elements=[groupement.c.slug], set_=changed))


async def read(work: Work, slug: str) -> Structure | None:
    """One structure."""
    row = (await work.execute(select(structure).where(structure.c.slug == slug))).first()
    return None if row is None else _structure(row)


async def read_several(work: Work, slugs: Collection[str]) -> dict[str, Structure]:
    """Those structures there are, by slug."""
    rows = await work.execute(select(structure).where(structure.c.slug.in_(slugs)))
    return {row.slug: _structure(row) for row in rows}


async def hold(work: Work, slug: str) -> bool:
    """Keeps other works from holding the same structure until this one ends; False when there is none."""
    held = select(structure.c.slug).where(structure.c.slug == slug).with_for_update(key_share=True)
    return (await work.execute(held)).first() is not None


async def write(work: Work, entered: Structure) -> int:
    """Adds a structure, or changes it; gives its new version."""
    changed = update(structure).where(structure.c.slug == entered.slug)
    changed = changed.values(**_row(entered), version=structure.c.version + 1)
    version = (await work.execute(changed.returning(structure.c.version))).scalar()
    if version is None:
        await work.execute(insert(structure).values(slug=entered.slug, version=1, **_row(entered)))
    return version or 1


def _row(entered: Structure) -> dict[str, object]:
    days = {"start_date": entered.period.start, "end_date": entered.period.end}
    return {name: days[name] if name in days else getattr(entered, name) for name in _COLUMNS}


def _structure(row: Row[Any]) -> Structure:
    return Structure(
        slug=row.slug,
        name=row.name,
        legal_form=row.legal_form,
        siren=row.siren,
        siret=row.siret,
        rna=row.rna,
        vat_status=VatStatus(row.vat_status),
        data_contact=row.data_contact,
        brand_hue=row.brand_hue,
        period=Period(start=row.start_date, end=row.end_date),
    )
