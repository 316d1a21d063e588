"""How the words of one kind of letter are held together."""

from dataclasses import dataclass


def marked(text: str) -> str:
    """Marks a text for translation."""
    return text


@dataclass(frozen=True, kw_only=True)
class Words:
    """One kind of letter: `path` is the portal's page its link opens, `query` how the code is called there.

    `{event}` stands for the parameter of that name; instants among them are said as people say them.
    """

    subject: str
    reason: str
    action: str
    path: str
    note: str
    query: str = "code"
