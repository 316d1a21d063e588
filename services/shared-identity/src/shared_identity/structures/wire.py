"""Structures as messages, and back: identifiers are checked here, by python-stdnum."""

import re

from groupement.shared_identity.v1 import events_pb2, structure_pb2
from servicekit.fields import check_range, check_text, one_line
from stdnum.fr import siren as siren_number
from stdnum.fr import siret as siret_number

from shared_identity.periods import period, period_message
from shared_identity.structures.domain import (
    Groupement,
    RnaWrong,
    SirenWrong,
    SiretWrong,
    SlugMalformed,
    Structure,
    VatStatus,
    VatStatusMissing,
)

_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_RNA = re.compile(r"W[0-9][0-9A-Z][0-9]{7}")  # W2A1000119, W9C1000189: Corsica and overseas have a letter
_LONGEST = 200


def structure(message: structure_pb2.Structure) -> Structure:
    """A structure as said; raises Invalid naming the field."""
    if not _SLUG.fullmatch(message.slug):
        raise SlugMalformed(field="slug")
    check_text("name", message.name, most=_LONGEST)
    check_text("legal_form", message.legal_form, most=_LONGEST, required=False)
    check_text("data_contact", message.data_contact, most=_LONGEST)
    check_range("brand_hue", message.brand_hue, least=0, most=359)
    return Structure(
        slug=message.slug,
        name=one_line(message.name),
        legal_form=one_line(message.legal_form),
        siren=siren(message.siren),
        siret=siret(message.siret),
        rna=rna(message.rna),
        vat_status=_vat_status(message.vat_status),
        data_contact=message.data_contact,
        brand_hue=message.brand_hue,
        period=period("period", message.period),
    )


def siren(text: str) -> str:
    """A SIREN without its spaces, "" for none; raises SirenWrong."""
    if text and not siren_number.is_valid(text):
        raise SirenWrong(field="siren")
    return siren_number.compact(text)


def siret(text: str) -> str:
    """A SIRET without its spaces, "" for none; raises SiretWrong."""
    if text and not siret_number.is_valid(text):
        raise SiretWrong(field="siret")
    return siret_number.compact(text)


def rna(text: str) -> str:
    """An RNA number without its spaces, "" for none; raises RnaWrong."""
    compact = text.replace(" ", "").upper()
    if compact and not _RNA.fullmatch(compact):
        raise RnaWrong(field="rna")
    return compact


def to_message(entered: Structure) -> structure_pb2.Structure:
    """A structure for all to see."""
    return structure_pb2.Structure(
        slug=entered.slug,
        name=entered.name,
        legal_form=entered.legal_form,
        siren=entered.siren,
        siret=entered.siret,
        rna=entered.rna,
        vat_status=structure_pb2.VatStatus.Value(f"VAT_STATUS_{entered.vat_status}"),
        data_contact=entered.data_contact,
        brand_hue=entered.brand_hue,
        period=period_message(entered.period),
    )


def groupement_message(alliance: Groupement) -> structure_pb2.Groupement:
    """The groupement for all to see."""
    return structure_pb2.Groupement(
        name=alliance.name,
        signature=alliance.signature,
        structures=[to_message(entered) for entered in alliance.structures],
    )


def structure_changed(slug: str) -> events_pb2.StructureChanged:
    """The fact."""
    return events_pb2.StructureChanged(structure=slug)


def _vat_status(number: "structure_pb2.VatStatus.ValueType") -> VatStatus:
    known = structure_pb2.VatStatus.DESCRIPTOR.values_by_number.get(number)
    name = "" if known is None else known.name.removeprefix("VAT_STATUS_")
    if name not in set(VatStatus):
        raise VatStatusMissing(field="vat_status")
    return VatStatus(name)
