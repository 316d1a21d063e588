"""Who is calling: the peer its certificate proves, the person its token proves, the structure they act for."""

from contextvars import ContextVar
from dataclasses import dataclass

from servicekit.refusals import Unauthenticated


@dataclass(frozen=True, kw_only=True, slots=True)
class Peer:
    """The service at the other end of the connection."""

    kind: str
    structure: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """One call's caller; `roles` are held at `acting_for` and nowhere else."""

    peer: Peer
    acting_for: str
    person_id: str | None = None
    roles: frozenset[str] = frozenset()
    trace: str = ""

    def person(self) -> str:
        """The person calling; raises Unauthenticated when a service calls on its own account."""
        if self.person_id is None:
            raise SignInRequired(field="authorization")
        return self.person_id


class SignInRequired(Unauthenticated):
    """This can only be asked by a person who has signed in."""


CALLER: ContextVar[Caller] = ContextVar("caller")
"""Set by the interceptor around each call."""


def current_caller() -> Caller:
    """The caller of the call being answered; raises LookupError outside of one."""
    return CALLER.get()
