"""What registrations refuse."""

from servicekit.refusals import Conflict, Exhausted, Invalid, NotFound


class RegistrationClosed(Conflict):
    """Nobody can register for this event now: it is not announced, has begun, or will not take place."""


class UnknownInvitation(NotFound):
    """There is no such invitation to this event."""


class InvitationUsed(Conflict):
    """Somebody registered with this invitation already."""


class TooManyHolds(Exhausted):
    """You are keeping too many seats already: finish one of these registrations first."""


class UnknownHold(NotFound):
    """This seat is not kept any more: ask for another."""


class UnknownTicket(NotFound):
    """There is no such ticket, or it was handed to somebody else."""


class UnknownRegistration(NotFound):
    """There is no such registration among yours."""


class AlreadyRegistered(Conflict):
    """You are registered for this event, or waiting, already."""


class OfferLapsed(Conflict):
    """The seat offered is not kept any more."""


class NotWaiting(Conflict):
    """This registration waits for nothing."""


class NotLapsed(Conflict):
    """Only whoever let an offer lapse may join the list again."""


class NoSeat(Conflict):
    """This registration has no seat."""


class AlreadyIn(Conflict):
    """Whoever has this seat came in already: it is nobody else's any more."""


class AnswerMissing(Invalid):
    """This question must be answered."""


class AnswerMalformed(Invalid):
    """This is not an answer to the question."""


class SessionsOverlap(Invalid):
    """Two of the sessions chosen take place at the same time."""


class UnknownChoiceOfSession(Invalid):
    """This is not a session to choose at this event."""


class ReleaseAfterEvent(Invalid):
    """Seats are released before the event starts."""


class TooManyMessages(Exhausted):
    """Enough was written to these people for today."""
