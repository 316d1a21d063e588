"""The groupement and its structures."""

from dataclasses import dataclass
from enum import StrEnum

from servicekit.refusals import Invalid, NotFound

from shared_identity.days import Period


class UnknownStructure(NotFound):
    """There is no such structure in the groupement."""


class SlugMalformed(Invalid):
    """A slug is made of small letters, digits and dashes."""


class VatStatusMissing(Invalid):
    """How a structure stands towards VAT must be said."""


class SirenWrong(Invalid):
    """A SIREN has nine digits, and its check digit must agree (article R123-221 of the Code de commerce)."""


class SiretWrong(Invalid):
    """A SIRET has fourteen digits, and its check digit must agree."""


class SiretOfAnother(Invalid):
    """A SIRET begins with the SIREN of its structure."""


class RnaWrong(Invalid):
    """An RNA number is a W and nine characters: W133012345."""


class VatStatus(StrEnum):
    """How a structure stands towards VAT (FRANCHISE: CGI art. 293 B)."""

    OUT_OF_SCOPE = "OUT_OF_SCOPE"
    FRANCHISE = "FRANCHISE"
    LIABLE = "LIABLE"


@dataclass(frozen=True, kw_only=True, slots=True)
class Structure:
    """A legal entity of the groupement; `brand_hue` in degrees on the OKLCH circle, identifiers "" when it has none."""

    slug: str
    name: str
    legal_form: str
    siren: str
    siret: str
    rna: str
    vat_status: VatStatus
    data_contact: str
    brand_hue: int
    period: Period

    def __post_init__(self) -> None:
        """Raises SiretOfAnother when the seat belongs to another legal entity."""
        if self.siret and self.siret[:9] != self.siren:
            raise SiretOfAnother(field="siret")


@dataclass(frozen=True, kw_only=True, slots=True)
class Groupement:
    """The alliance: not a legal person. Its structures stand in the order they entered."""

    name: str
    signature: str
    structures: tuple[Structure, ...] = ()
