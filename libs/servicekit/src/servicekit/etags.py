"""Etags (AIP-154): the version of a thing, as those who read it send it back."""

from servicekit.refusals import Stale


class StaleEtag(Stale):
    """This changed since you read it: look again, then decide."""


def etag(version: int) -> str:
    """The etag of a version: `"7"`, quotes included."""
    return f'"{version}"'


def check_etag(sent: str, version: int) -> None:
    """Refuse an etag of another version; an empty one asks for no check."""
    if sent and sent != etag(version):
        raise StaleEtag(field="etag")
