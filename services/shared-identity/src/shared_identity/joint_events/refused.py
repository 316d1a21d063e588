"""What joint events refuse."""

from servicekit.refusals import Conflict, Denied, Exhausted, Invalid, NotFound


class UnknownEvent(NotFound):
    """There is no such joint event, or it is not for you to see yet."""


class UnknownOrganiser(NotFound):
    """There is no such organiser of this event."""


class UnknownDelegate(NotFound):
    """There is no such delegate."""


class UnknownEventChallenge(NotFound):
    """There is no such challenge of this event."""


class UnknownSession(NotFound):
    """There is no such session of this event."""


class UnknownQuestion(NotFound):
    """There is no such question of this event."""


class NoAccessToEvent(Denied):
    """This needs more access to the event than you have."""


class EndsBeforeItStarts(Invalid):
    """It ends before it starts."""


class SessionOutsideEvent(Invalid):
    """A session lies within its event."""


class ChoicesMissing(Invalid):
    """A question answered by choices has 2 to 20 different ones."""


class WebsiteMalformed(Invalid):
    """A website's address starts with https://."""


class MoreThanTheOrganiser(Invalid):
    """A delegate may do no more than their organiser."""


class OrganiserRoleMissing(Invalid):
    """An organiser takes one of the parts there are."""


class OrganiserAccessMissing(Invalid):
    """What may be done must be said."""


class SessionFormatMissing(Invalid):
    """What kind of moment a session is must be said."""


class QuestionKindMissing(Invalid):
    """How a question is answered must be said."""


class DutyMissing(Invalid):
    """An arrangement says who does what: 1 to 30 duties."""


class TooManyParts(Exhausted):
    """An event has no room for more of these."""


class SlugTaken(Conflict):
    """Another event has this word in its address."""


class SlugFinal(Conflict):
    """An event that was published keeps its address."""


class EventOver(Conflict):
    """This event is closed or cancelled: it does not change any more."""


class EventNotOver(Conflict):
    """An event is closed once it was published and has ended."""


class AlreadyPublished(Conflict):
    """This event is published already."""


class AlreadyOrganising(Conflict):
    """This structure is an organiser already."""


class OrganiserFixed(Conflict):
    """An organiser stays the structure or the partner it is: take it away and add another."""


class LastManager(Conflict):
    """Some structure must be left to manage the event."""


class OrganiserHasSeats(Conflict):
    """This organiser still holds seats or registrants."""


class OrganiserHasDuties(Conflict):
    """A duty of the arrangement falls to this organiser: propose one without it first."""


class ChallengeHasContributions(Conflict):
    """Something came out of this challenge: it stays."""


class SessionHasSeats(Conflict):
    """People have chosen this session."""


class ArrangementChanged(Conflict):
    """This is no longer the arrangement proposed: read the current one."""


class ArrangementNotApproved(Conflict):
    """Every organiser that sees registrants approves the arrangement first."""


class CapacityNotSet(Conflict):
    """The event, and each session that people choose, needs seats."""
