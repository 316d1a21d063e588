"""Who may read what of a joint event: those with standing all of it, the public what it was shown, nobody else a word.

It follows what callers were told themselves when they prepared an event; what the public reads is judged by that.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from cast import Viewer
from contracts import Rpc, texts, walk
from google.protobuf.message import Message
from groupement.shared_identity.v1 import door_service_pb2, registration_pb2
from groupement.shared_identity.v1 import joint_event_pb2 as pb

_IN_FULL = {"DIRECTOR", "EVENT_MANAGER"}
_IN_PART = {"COMMUNITY_MANAGER", "ADVISOR"}
_DOOR, _OWN, _MANAGE = (
    pb.ORGANISER_ACCESS_DOOR,
    pb.ORGANISER_ACCESS_OWN_REGISTRANTS,
    pb.ORGANISER_ACCESS_MANAGE,
)
_OF_ORGANISERS = ("OutcomeService.CaptureContribution", "OutcomeService.UpdateContribution")
_NAMES = ("organisers.name", "organiser.name", "duties.name")
Finder = Callable[[str], Iterator[str]]
"""Gives the marks and identifiers in a text."""


@dataclass(frozen=True, kw_only=True)
class Invited:
    """Somebody who acts for an organiser, by their number."""

    event_id: str
    organiser_id: str
    person: int
    access: int


@dataclass(kw_only=True)
class Evenings:
    """All joint events, as far as they were told to those who prepare them."""

    find: Finder
    person_at: Callable[[str], int]
    """The number of whose address this is."""
    _organisers: dict[str, dict[str, tuple[str, int]]] = field(default_factory=dict)
    _delegates: dict[str, Invited] = field(default_factory=dict)
    _ended: str = ""
    _event_of: dict[str, str] = field(default_factory=dict)
    _public: set[str] = field(default_factory=set)
    _first_names: set[str] = field(default_factory=set)
    _needs: set[str] = field(default_factory=set)
    _addresses: defaultdict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))

    def learn(self, rpc: Rpc, request: Message, answer: Message) -> None:
        """Follows what an event has become; who ends their own delegation is still told which it was."""
        self._delegates.pop(self._ended, None)
        for _, message in walk(answer):
            if isinstance(message, pb.JointEvent) and message.etag:
                self._learn_event(message)
        if rpc.name == "JointEventService.InviteDelegate":
            self._learn_delegate(request, answer.delegate)  # type: ignore[attr-defined]
        self._learn_outcomes(rpc, request, answer)
        self._learn_registrations(rpc, request, answer)
        if rpc.name == "JointEventService.RemoveDelegate":
            self._ended = answer.delegate.delegate_id  # type: ignore[attr-defined]

    def holds_door(self, viewer: Viewer, event_id: str) -> bool:
        """Whether somebody may hold the door of an event."""
        return any(access >= _DOOR for _, access in self._standings(viewer, event_id))

    def manages(self, viewer: Viewer, event_id: str) -> bool:
        """Whether somebody manages an event."""
        return any(access == _MANAGE for _, access in self._standings(viewer, event_id))

    def served_by(self, viewer: Viewer, event_id: str) -> set[str]:
        """The structures for which somebody sees registrants of an event."""
        acting = {whose for whose, access in self._standings(viewer, event_id) if access >= _OWN}
        return {self._organisers[event_id][organiser_id][0] for organiser_id in acting}

    def _learn_registrations(self, rpc: Rpc, request: Message, answer: Message) -> None:
        """Doors call registrations by their identifiers; an address that was invited is its organiser's to read."""
        for _, message in walk(answer):
            if isinstance(message, registration_pb2.Ticket | registration_pb2.Registration):
                self._event_of.setdefault(message.registration_id, message.event_id)
            if isinstance(message, door_service_pb2.ScanResult) and message.registration_id:
                self._event_of.setdefault(message.registration_id, request.event_id)  # type: ignore[attr-defined]
            if isinstance(message, registration_pb2.Invitation) and rpc.name == "RegistrationService.Invite":
                for found in self.find(message.email):
                    self._addresses[found].add((request.event_id, message.organiser_id))  # type: ignore[attr-defined]

    def is_called_so(self, viewer: Viewer, rpc: Rpc, request: Message, path: str, found: str) -> bool:
        """Whether a door calls somebody by their first name here, or the welcome desk reads what they need."""
        if not rpc.service.endswith("DoorService") or not self._holds_door(viewer, request):
            return False
        if rpc.name == "DoorService.GetDoorEntry" and path in ("entry.access_needs", "entry.diet"):
            return found in self._needs
        return found in self._first_names

    def _holds_door(self, viewer: Viewer, request: Message) -> bool:
        return any(access >= _DOOR for _, access in self._standings(viewer, request.event_id))  # type: ignore[attr-defined]

    def _learn_outcomes(self, rpc: Rpc, request: Message, answer: Message) -> None:
        """What came out of an event is for its organisers, and so is who came in by its doors, as doors call them."""
        for _, message in walk(request):
            if isinstance(message, registration_pb2.Attendee | door_service_pb2.WalkIn):
                self._first_names.update(self.find(message.given_name))
            if isinstance(message, registration_pb2.Attendee):
                self._needs.update(self.find(f"{message.access_needs} {message.diet}"))
        if rpc.name not in _OF_ORGANISERS:
            return
        for _, text in texts(answer):
            for found in self.find(text):
                if not found.endswith("-0-0"):
                    self._event_of.setdefault(found, request.event_id)  # type: ignore[attr-defined]

    def may_see(self, viewer: Viewer, found: str) -> bool | None:
        """Whether a mark or identifier is this viewer's to read; None when it belongs to no event."""
        if found in self._public:
            return True
        if found in self._event_of:
            return any(access >= _DOOR for _, access in self._standings(viewer, self._event_of[found]))
        if found.startswith("delegate_"):
            held = self._delegates.get(found)
            return held is not None and self._may_know(viewer, held.event_id, held.organiser_id, held.person)
        if any(self._may_know(viewer, *whose, 0) for whose in self._addresses.get(found, ())):
            return True
        return None

    def names_a_structure(self, path: str, found: str) -> bool:
        """Whether this is where a structure is called by its name, which all may know."""
        return found.endswith("-0-0") and path.endswith(_NAMES)

    def _learn_event(self, event: pb.JointEvent) -> None:
        self._organisers[event.event_id] = {
            held.organiser_id: (held.structure, held.access) for held in event.organisers
        }
        for found in self._in(event):
            self._event_of.setdefault(found, event.event_id)
        if event.HasField("publish_time"):
            self._public.update(self._in(_shown(event)))

    def _learn_delegate(self, request: Message, delegate: pb.Delegate) -> None:
        event_id, organiser_id = request.event_id, request.organiser_id  # type: ignore[attr-defined]
        self._delegates[delegate.delegate_id] = Invited(
            event_id=event_id,
            organiser_id=organiser_id,
            person=self.person_at(delegate.email),
            access=delegate.access,
        )
        for found in self.find(delegate.email):
            self._addresses[found].add((event_id, organiser_id))

    def _in(self, event: pb.JointEvent) -> set[str]:
        return {found for _, text in texts(event) for found in self.find(text) if not found.endswith("-0-0")}

    def _may_know(self, viewer: Viewer, event_id: str, organiser_id: str, person: int) -> bool:
        """Whether a delegate may be known: to themselves, to their organiser, to who manages the event."""
        standings = list(self._standings(viewer, event_id))
        own = any(access >= _OWN and acting == organiser_id for acting, access in standings)
        themselves = bool(person) and person == viewer.person
        return themselves or own or any(access == _MANAGE for _, access in standings)

    def _standings(self, viewer: Viewer, event_id: str) -> Iterable[tuple[str, int]]:
        """For whom somebody acts, and how far at most."""
        organisers = self._organisers.get(event_id, {})
        limit = _limit(set(viewer.roles))
        for organiser_id, (structure, access) in organisers.items():
            if structure and structure == viewer.structure:
                yield organiser_id, min(access, limit)
        for held in self._delegates.values():
            if held.event_id == event_id and held.person == viewer.person and held.organiser_id in organisers:
                yield held.organiser_id, min(held.access, organisers[held.organiser_id][1])


def _limit(roles: set[str]) -> int:
    if roles & _IN_FULL:
        return _MANAGE
    return _OWN if roles & _IN_PART else pb.ORGANISER_ACCESS_NONE


def _shown(event: pb.JointEvent) -> pb.JointEvent:
    """What the public may read of a published event, as far as its organisers can tell."""
    shown = pb.JointEvent()
    shown.CopyFrom(event)
    hidden = {held.organiser_id for held in event.organisers if not held.shown}
    del shown.organisers[:]
    shown.organisers.extend(held for held in event.organisers if held.shown)
    if event.arrangement.version != event.arrangement_in_force:
        shown.ClearField("arrangement")
    for duty in shown.arrangement.duties:
        if duty.organiser_id in hidden:
            duty.ClearField("organiser_id")
    return shown
