"""The ways our code says no: a closed set of kinds, each with a reason a machine can read."""

import re
from typing import ClassVar

_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


class Refusal(Exception):
    """The request was refused.

    A subclass names what went wrong (`ResourceAlreadyBooked`); the first line of its docstring is the sentence people
    read, and `reason` is the word machines read (AIP-193: UPPER_SNAKE, at most 63 characters).
    """

    reason: ClassVar[str] = "REFUSED"

    def __init_subclass__(cls) -> None:
        if "reason" not in cls.__dict__:
            cls.reason = _WORD_START.sub("_", cls.__name__).upper()

    def __init__(self, message: str = "", *, field: str = "", **metadata: str) -> None:
        self.message = message or (type(self).__doc__ or "").partition("\n")[0].strip()
        self.field = field
        self.metadata = metadata
        super().__init__(self.message)


class Invalid(Refusal):
    """Something in the request does not have the form it must have."""


class NotFound(Refusal):
    """There is no such thing, or none that the caller may know of."""


class Conflict(Refusal):
    """The request is well formed but the present state does not allow it."""


class Stale(Conflict):
    """The thing changed since it was read: read it again, then decide (AIP-154)."""


class Denied(Refusal):
    """The caller is known and may not do this."""


class Unauthenticated(Refusal):
    """The caller did not say who is calling, or could not prove it."""


class Exhausted(Refusal):
    """A limit was reached: a quota, a rate, a number of tries."""


class Unavailable(Refusal):
    """The service cannot answer now; the same request may succeed later."""


KINDS: tuple[type[Refusal], ...] = (
    Stale,
    Invalid,
    NotFound,
    Conflict,
    Denied,
    Unauthenticated,
    Exhausted,
    Unavailable,
)
"""Every kind, the narrower before the wider."""


def kind_of(refusal: Refusal) -> type[Refusal]:
    """The kind a refusal belongs to; `Invalid` when a subclass hangs directly under `Refusal`."""
    return next((kind for kind in KINDS if isinstance(refusal, kind)), Invalid)
