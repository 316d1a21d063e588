"""A structure is what its identifiers prove."""

import pytest
from groupement.shared_identity.v1 import structure_pb2
from groupement.type.v1.period_pb2 import Period
from servicekit.refusals import Refusal
from shared_identity.structures import wire

# Numbers of the INSEE itself: public, and right.
SIREN, SIRET = "120 027 016", "120 027 016 00563"


def said(**changes: object) -> structure_pb2.Structure:
    given: dict[str, object] = {
        "slug": "le-nord",
        "name": "Le Nord",
        "legal_form": "association loi 1901",
        "siren": SIREN,
        "siret": SIRET,
        "rna": "W133012345",
        "vat_status": structure_pb2.VAT_STATUS_FRANCHISE,
        "data_contact": "donnees@le-nord.example",
        "brand_hue": 32,
        "period": Period(start_date="2021-11-01"),
    }
    return structure_pb2.Structure(**(given | changes))  # type: ignore[arg-type]


def test_identifiers_are_kept_without_their_spaces_and_come_back_as_they_are() -> None:
    entered = wire.structure(said())
    assert (entered.siren, entered.siret) == ("120027016", "12002701600563")
    assert wire.structure(wire.to_message(entered)) == entered


def test_a_structure_may_have_no_identifier_yet() -> None:
    entered = wire.structure(said(siren="", siret="", rna=""))
    assert (entered.siren, entered.siret, entered.rna) == ("", "", "")


@pytest.mark.parametrize("rna", ["W133012345", "W2A1000119", "W9C1000189", "w133 012 345"])
def test_an_association_of_anywhere_has_an_rna_number(rna: str) -> None:
    assert wire.structure(said(rna=rna)).rna == rna.replace(" ", "").upper()


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"siren": "120027017"}, "SIREN_WRONG", "siren"),
        ({"siren": "12002701"}, "SIREN_WRONG", "siren"),
        ({"siret": "12002701600564"}, "SIRET_WRONG", "siret"),
        ({"siren": "732829320"}, "SIRET_OF_ANOTHER", "siret"),
        ({"siren": ""}, "SIRET_OF_ANOTHER", "siret"),
        ({"rna": "133012345"}, "RNA_WRONG", "rna"),
        ({"rna": "W13301234"}, "RNA_WRONG", "rna"),
        ({"slug": "Le Nord"}, "SLUG_MALFORMED", "slug"),
        ({"name": ""}, "FIELD_MISSING", "name"),
        ({"data_contact": ""}, "FIELD_MISSING", "data_contact"),
        ({"brand_hue": 360}, "FIELD_OUT_OF_RANGE", "brand_hue"),
        ({"vat_status": structure_pb2.VAT_STATUS_UNSPECIFIED}, "VAT_STATUS_MISSING", "vat_status"),
        ({"period": Period(start_date="30/11/2021")}, "DAY_MALFORMED", "period.start_date"),
        ({"period": Period(start_date="2021-11-30", end_date="2021-11-29")}, "PERIOD_REVERSED", "period.end_date"),
    ],
)
def test_what_cannot_be_right_is_refused_by_name(changes: dict[str, object], reason: str, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        wire.structure(said(**changes))
    assert (refused.value.reason, refused.value.field) == (reason, field)
