"""What installs the alliance: the structures of the registry, the posts and agreements that exist already.

Reads the tables `[groupement]`, `[[structures]]`, `[[posts]]` and `[[agreements]]` of a TOML document and leaves the
others to whoever knows them. Days are written 2026-11-30, today, today+14, today-30 or this-year-01-01. Loading the
same document again changes nothing.
"""

from datetime import datetime
from typing import Any

from groupement.shared_identity.v1 import agreement_service_pb2, post_pb2, structure_pb2
from servicekit.identifiers import is_id
from servicekit.sql import Work

from shared_identity.agreements import usecases as agreements
from shared_identity.agreements import wire as agreement_wire
from shared_identity.days import day_of
from shared_identity.documents import Entry, EntryMalformed, day, entries, naming, read, table
from shared_identity.posts import usecases as posts
from shared_identity.posts import wire as post_wire
from shared_identity.structures import usecases as structures
from shared_identity.structures import wire as structure_wire


async def load(work: Work, document: Entry, *, now: datetime) -> bool:
    """Loads a document; False when all of it was there already. Raises a Refusal naming the entry at fault.

    The people it names must be known by then.
    """
    changed = "groupement" in document and await _name(work, document["groupement"])
    for load_entry, key in ((_structure, "structures"), (_post, "posts"), (_agreement, "agreements")):
        with naming(key):
            listed = entries(document.get(key, []))
        for position, entry in enumerate(listed):
            with naming(f"{key}[{position}]"):
                changed |= await load_entry(work, table(entry), now)
    return changed


async def _name(work: Work, entry: Entry) -> bool:
    with naming("groupement"):
        said = read(structure_pb2.Groupement(), table(entry))
        return await structures.name_groupement(work, said.name, said.signature)


async def _structure(work: Work, entry: dict[str, Any], now: datetime) -> bool:
    entry["vat_status"] = f"VAT_STATUS_{entry.get('vat_status', 'UNSPECIFIED')}"
    entered = structure_wire.structure(read(structure_pb2.Structure(), _with_period(entry, now)))
    if not await structures.enter(work, entered, now=now):
        return False
    await agreements.follow_structure(work, entered.slug, now=now)
    return True


async def _post(work: Work, entry: dict[str, Any], now: datetime) -> bool:
    entry["shares"] = [_share(table(share)) for share in entries(entry.get("shares", []))]
    return await posts.fill(work, post_wire.post(read(post_pb2.Post(), _with_period(entry, now))))


async def _agreement(work: Work, entry: dict[str, Any], now: datetime) -> bool:
    """An agreement enters as its parties would make it: proposed by one, signed by the other if it is `signed`."""
    agreement_id, signed = str(entry.pop("agreement_id", "")), entry.pop("signed", False)
    if not is_id(agreement_id, "agreement"):
        raise EntryMalformed("An agreement is named by an identifier.", field="agreement_id")
    if await agreements.knows(work, agreement_id):
        return False
    entry["clauses"] = [_clause(table(clause)) for clause in entries(entry.get("clauses", []))]
    request = read(agreement_service_pb2.ProposeAgreementRequest(), _with_period(entry, now))
    proposed = agreement_wire.proposal(request, agreement_id)
    await agreements.propose(work, proposed, by=proposed.grantor, now=now)
    if signed:
        await agreements.sign(work, agreement_id, by=proposed.home, etag="", now=now)
    return True


def _share(share: dict[str, Any]) -> Entry:
    return {**share, "roles": [f"ROLE_{role}" for role in entries(share.get("roles", []))]}


def _clause(clause: dict[str, Any]) -> Entry:
    kind, cents = clause.pop("membership_kind", "UNSPECIFIED"), clause.pop("price_cents", 0)
    return {**clause, "membership_kind": f"MEMBERSHIP_KIND_{kind}", "price": {"cents": cents, "currency_code": "EUR"}}


def _with_period(entry: dict[str, Any], now: datetime) -> Entry:
    today = day_of(now)
    period = {key: day(str(entry.pop(key)), today) for key in ("start_date", "end_date") if key in entry}
    return {**entry, "period": period}
