"""What may cross the border of a structure, and who is caught when something else does.

Every text written in a test bears its author's mark, every identifier is known by whose it is. An answer is read whole
(message, refusal, metadata, what is encoded in tokens) and whatever mark or identifier it holds must be its reader's to
see: of their own structure for its staff and services, their own for anybody else, or shared on purpose as said below.
"""

import base64
import binascii
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from cast import NOBODY, STRUCTURES, Viewer, frequented, number_of, person_id, staff_of
from contracts import Rpc, texts, walk
from evenings import Evenings
from google.protobuf.message import Message
from groupement.shared_identity.v1 import directory_entry_pb2 as entries
from groupement.shared_identity.v1.agreement_pb2 import Agreement
from recipes import Marked
from servicekit.origin import GROUPEMENT, Origin

PUBLIC: Mapping[tuple[str, str], str] = {
    ("ProgrammeService.ListProgrammes", "programmes"): "what a structure offers is a page for all to see",
    ("ProgrammeService.ListProgrammes", "next_page_token"): "it says after which public name to go on",
    ("ProgrammeService.ListCohorts", "cohorts"): "when a structure offers it is a page for all to see",
    ("PlaceService.ListPlaces", "places"): "places are a page for all to see",
    ("PlaceService.ListPlaces", "next_page_token"): "it says after which public name to go on",
    ("PlaceService.ListResources", "resources"): "spaces are a page for all to see",
    ("PlaceService.ListResources", "next_page_token"): "it says after which public name to go on",
    ("BookingService.GetDay", "place"): "a place is a page for all to see",
    ("BookingService.GetDay", "resources.resource"): "a space is a page for all to see; when it is free names nobody",
    ("StructureService.GetGroupement", "groupement"): "who is in the groupement is a page for all to see",
    ("StructureService.GetStructure", "structure"): "a structure's registration is public",
}
"""RPC and field that anybody may read whosever it is, and why."""

PARTIES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "Membership": (("structure",), "a membership is the business of the structure that declared it"),
    "Agreement": (("grantor", "home"), "an agreement is read by both who sign it"),
    "Entitlement": (("grantor", "home"), "a right is granted by one and owed to membership of the other"),
    "UsageCount": (("grantor", "home"), "the home pays for what the grantor counted; it sees counts, no booking"),
    "Post": (("shares.structure",), "a post is read by the structures that bear a part of it"),
}
"""Message of shared-identity -> the fields that name the structures it is shared between, and why."""

_BY_CODE = {
    f"RegistrationService.{verb}"
    for verb in (
        "GetTicket",
        "AcceptOffer",
        "DeclineOffer",
        "RejoinWaitingList",
        "ChangeSessions",
        "CancelRegistration",
    )
}
"""Who has the code of a ticket holds the ticket, and reads it."""

_BY_HOLDER = {"RegistrationService.RegisterMe", "RegistrationService.ListMyTickets"}
"""A holder is told which registrations are theirs."""

_OWN_REGISTRANTS = {"RegistrationService.ListRegistrations", "RegistrationService.WithdrawRegistration"}
"""An organiser reads the names of its own: of members of the structure that one acts for."""

_AT_THE_DOOR = {f"DoorService.{verb}" for verb in ("FindAtDoor", "GetDoorEntry", "GetDoorList", "RecordScans")}
"""A door calls everybody who has a seat by their first name, whosever they are; the desk reads what they need."""

_MARK = re.compile(rf"canary-({'|'.join((*STRUCTURES, NOBODY, 'person'))})-(\d+)-\d+", re.IGNORECASE)
_PRIVATE = ("application", "project", "booking", "checkin", "membership", "entitlement", "agreement", "post", "card")
_OF_EVENTS = ("event", "organiser", "delegate", "session", "challenge", "question", "contribution", "registration")
_ID = re.compile(rf"\b({'|'.join((*_PRIVATE, *_OF_EVENTS, 'person'))})_([0-9a-f]{{32}})\b")
_ENCODED = re.compile(r"[A-Za-z0-9_-]{16,}")
_PERSON_FIELDS = ("given_name", "family_name")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """All that a caller got back for one call."""

    code: str
    message: Message | None
    reason: str = ""
    field: str = ""
    words: Sequence[tuple[str, str]] = ()
    """Every text beside the message: status, details, metadata; each with where it stood."""

    @property
    def next_page_token(self) -> str:
        """Where the list goes on; empty when it does not."""
        return str(getattr(self.message, "next_page_token", ""))

    def texts(self) -> Iterator[tuple[str, str]]:
        """Every text of it, each with where it stands."""
        if self.message is not None:
            yield from texts(self.message)
        yield from self.words


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Whom somebody chose to show a text of their directory entry to: an audience, some structures; and whose it is."""

    audience: int
    structures: frozenset[str]
    person: int
    structure: str


@dataclass(frozen=True, kw_only=True)
class Owners:
    """Whose an identifier is: structures whose staff may see it, people it is about."""

    structures: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)


class Border:
    """Keeps account of whose everything is, and judges answers."""

    def __init__(self) -> None:
        self.used: set[tuple[str, str]] = set()
        self._marks = count(1)
        self._owners: dict[str, Owners] = {}
        self._members: defaultdict[str, set[tuple[str, int]]] = defaultdict(set)
        self._agreed: set[tuple[str, str, int]] = set()
        self._posts: defaultdict[str, set[str]] = defaultdict(set)
        self._introduced: defaultdict[str, set[str]] = defaultdict(set)
        self._granted: set[tuple[str, str]] = set()
        self._chosen: dict[str, Chosen] = {}
        self._evenings = Evenings(find=_found, person_at=_person_at)

    def mark(self, viewer: Viewer, wanted: Marked) -> str:
        """A text only its author, and the structure they wrote it to, may read."""
        whose = "person" if wanted.of_person else viewer.structure
        return f"{wanted.before}canary-{whose}-{viewer.person}-{next(self._marks)}{wanted.after}"

    def remarked(self, message: Message, viewer: Viewer) -> Message:
        """The same request as somebody else would write it: the author's marks become theirs."""
        own = type(message)()
        own.CopyFrom(message)
        for _, inner in walk(own):
            for described, value in inner.ListFields():
                if isinstance(value, str):
                    setattr(inner, described.name, _MARK.sub(lambda m: self._theirs(m, viewer), value))
                elif described.is_repeated and value and isinstance(value[0], str):
                    value[:] = [_MARK.sub(lambda m: self._theirs(m, viewer), text) for text in value]
        return own

    def managing(self, viewers: Sequence[Viewer], request: Message) -> Sequence[Viewer]:
        """Those of them who manage the joint event that a request names, if it names one."""
        event_id = getattr(request, "event_id", "")
        return [viewer for viewer in viewers if self._evenings.manages(viewer, event_id)]

    def member(self, person: str, structure: str, kind: int) -> None:
        """Notes that a person is something to a structure."""
        self._members[structure].add((person, kind))

    def post(self, person: str, *structures: str) -> None:
        """Notes that a person holds a post for structures."""
        for structure in structures:
            self._posts[structure].add(person)

    def leaks(self, viewer: Viewer, target: str, rpc: Rpc, request: Message, answer: Answer) -> Sequence[str]:
        """What an answer tells its reader that is not theirs to know; learns whose everything is by the way."""
        if answer.message is not None:
            self._learn(viewer, target, rpc, request, answer.message)
        asked = {found for _, text in texts(request) for found in _found(text)}
        return [
            *self._foreign_records(viewer, target, answer),
            *_found_without_being_seen(rpc, request, answer),
            *self._foreign_texts(viewer, target, rpc, request, asked, answer),
        ]

    def _is_registered(self, viewer: Viewer, rpc: Rpc, request: Message, path: str, found: str) -> bool:
        """Whether this is a registrant to whoever holds the ticket, or to the organiser whose own they are."""
        if rpc.name in _BY_CODE:
            return path.startswith("ticket")
        if rpc.name in _BY_HOLDER:
            return path.startswith(("ticket", "next_page_token")) and found.startswith("registration_")
        if rpc.name in _AT_THE_DOOR:
            return self._evenings.holds_door(viewer, request.event_id)  # type: ignore[attr-defined]
        mark = _MARK.fullmatch(found)
        if rpc.name not in _OWN_REGISTRANTS or mark is None or not path.startswith(("registration", "next_page")):
            return False
        served = self._evenings.served_by(viewer, request.event_id)  # type: ignore[attr-defined]
        return mark[1].lower() == "person" and any(self._is_known(int(mark[2]), each) for each in served if each)

    def _foreign_texts(
        self, viewer: Viewer, target: str, rpc: Rpc, request: Message, asked: set[str], answer: Answer
    ) -> Iterator[str]:
        for path, text in answer.texts():
            for found in _found(text):
                if found in asked or self._may_see(viewer, target, found):
                    continue
                if self._evenings.names_a_structure(path, found):
                    continue
                if self._is_registered(viewer, rpc, request, path, found):
                    continue
                if self._evenings.is_called_so(viewer, rpc, request, path, found):
                    continue
                if (entry := _public(rpc, path)) is not None:
                    self.used.add(entry)
                    continue
                yield f"{path} holds {found}"

    def _foreign_records(self, viewer: Viewer, target: str, answer: Answer) -> Iterator[str]:
        if answer.message is None or Origin.parse(target).structure != GROUPEMENT:
            return
        for path, message in walk(answer.message):
            parties = _parties(message)
            if parties and viewer.structure not in parties:
                yield f"{path} is between {sorted(parties)}"

    def _may_see(self, viewer: Viewer, target: str, found: str) -> bool:
        if chosen := self._chosen.get(found):
            return self._was_chosen(viewer, chosen)
        if (told := self._evenings.may_see(viewer, found)) is not None:
            return told
        if mark := _MARK.fullmatch(found):
            return self._may_read(viewer, target, mark[1].lower(), int(mark[2]))
        if found.startswith("person_"):
            return self._may_know(viewer, target, found)
        owners = self._owners.get(found, Owners())
        if self._sees_all(viewer, target) and viewer.structure in owners.structures:
            return True
        return viewer.person_id in owners.people and bool(viewer.person)

    def _was_chosen(self, viewer: Viewer, chosen: Chosen) -> bool:
        """Whether a text of the directory was shown to this viewer, or is theirs."""
        if chosen.person and chosen.person == viewer.person:
            return True
        if chosen.structure and chosen.structure == viewer.structure and set(viewer.roles) - {"MEMBER"}:
            return True
        if chosen.audience == entries.FIELD_AUDIENCE_PUBLIC:
            return True
        if chosen.audience == entries.FIELD_AUDIENCE_GROUPEMENT:
            return viewer.kind != "portal" or bool(self._belonging(viewer.person))
        if chosen.audience != entries.FIELD_AUDIENCE_STRUCTURES:
            return False
        where = chosen.structures or self._belonging(chosen.person) | {chosen.structure}
        there = viewer.kind != "portal" or viewer.structure in self._belonging(viewer.person)
        return viewer.structure in where and there

    def _belonging(self, number: int) -> set[str]:
        """The structures somebody may be known to belong to: as a member, by a post, on the staff of a service."""
        person = person_id(number)
        members = {structure for structure, held in self._members.items() if person in {who for who, _ in held}}
        holders = {structure for structure, held in self._posts.items() if person in held}
        staff = {structure for structure in STRUCTURES if number in {who for who, _ in staff_of(structure)}}
        granted = {target.partition("@")[2] for target, who in self._granted if who == person}
        return members | holders | staff | granted

    def _may_read(self, viewer: Viewer, target: str, whose: str, author: int) -> bool:
        own = bool(viewer.person) and author == viewer.person
        if whose != "person":
            return whose == viewer.structure and (own or self._sees_all(viewer, target))
        return own or (self._sees_all(viewer, target) and self._is_known(author, viewer.structure))

    def _may_know(self, viewer: Viewer, target: str, person: str) -> bool:
        """Whether the identifier of a person may be told: to themselves, and where they come and go."""
        if viewer.person and person == viewer.person_id:
            return True
        here = viewer.structure in frequented(number_of(person)) or person in self._introduced[viewer.structure]
        return self._sees_all(viewer, target) and (here or self._is_known(number_of(person), viewer.structure))

    def _is_known(self, number: int, structure: str) -> bool:
        """Whether a structure may read a person's name: a member, holder of a post, or of a right agreed upon."""
        here = {number_of(person) for person, _ in self._members[structure]} | set(
            map(number_of, self._posts[structure])
        )
        granted = (
            number_of(person)
            for grantor, home, kind in self._agreed
            if grantor == structure
            for person, of_kind in self._members[home]
            if of_kind == kind
        )
        return number in here or number in granted

    def _sees_all(self, viewer: Viewer, target: str) -> bool:
        """Whether the caller is staff or a service of their structure, as far as the instance they ask can tell."""
        if viewer.insider or (target, viewer.person_id) in self._granted:
            return True
        claims_roles = any(role != "MEMBER" for role in viewer.roles)
        return claims_roles and viewer.structure != NOBODY and Origin.parse(target).structure == GROUPEMENT

    def _learn(self, viewer: Viewer, target: str, rpc: Rpc, request: Message, answer: Message) -> None:
        where = Origin.parse(target).structure
        self._evenings.learn(rpc, request, answer)
        for _, message in walk(answer):
            self._learn_agreement(message)
            self._learn_entry(message, viewer)
            structures = _parties(message) if where == GROUPEMENT else {where} & {viewer.structure}
            home = getattr(message, "home", "") if message.DESCRIPTOR.name == "Right" else ""
            self._own(message, structures | ({home} if home else set()), _people(message) or {viewer.person_id})
        if rpc.name == "CallService.AdmitApplication":
            self.member(answer.application.person_id, where, 1)  # type: ignore[attr-defined]
        if rpc.name == "StaffService.GrantRole":
            self._granted.add((target, request.person_id))  # type: ignore[attr-defined]
            self._introduced[where].add(request.person_id)  # type: ignore[attr-defined]

    def _own(self, message: Message, structures: set[str], people: Iterable[str]) -> None:
        """An identifier seen first is whose the message says; agreements may share a known one, nothing else does."""
        for described, value in message.ListFields():
            if not isinstance(value, str) or not _ID.fullmatch(value) or value.startswith("person_"):
                continue
            if value not in self._owners:
                self._owners[value] = Owners(structures=set(structures), people=set(people) - {""})
            elif described.name in ("entitlement_id", "agreement_id") and _is_shared(message):
                self._owners[value].structures.update(structures)
                self._owners[value].people.update(_people(message))

    def _learn_agreement(self, message: Message) -> None:
        if not isinstance(message, Agreement):
            return
        if message.HasField("grantor_sign_time") and message.HasField("home_sign_time"):
            kinds = {int(clause.membership_kind) for clause in message.clauses}
            self._agreed |= {(message.grantor, message.home, kind) for kind in kinds}

    def _learn_entry(self, message: Message, viewer: Viewer) -> None:
        """Only its holder is told whom each text of an entry is for."""
        if not isinstance(message, entries.DirectoryEntry):
            return
        for said in message.fields:
            chosen = Chosen(
                audience=said.audience,
                structures=frozenset(said.structures),
                person=0 if message.structure else viewer.person,
                structure=message.structure,
            )
            for found in (found for value in said.values if said.audience for found in _found(value)):
                self._chosen.setdefault(found, chosen)

    def _theirs(self, mark: re.Match[str], viewer: Viewer) -> str:
        whose = "person" if mark[1].lower() == "person" else viewer.structure
        return f"canary-{whose}-{viewer.person}-{next(self._marks)}"


def _found_without_being_seen(rpc: Rpc, request: Message, answer: Answer) -> Iterator[str]:
    """Entries of the directory that a word was found in which whoever asked cannot read."""
    if rpc.name != "DirectoryService.SearchDirectory" or answer.message is None:
        return
    if request.query != "canary":  # type: ignore[attr-defined]
        return
    for entry in answer.message.entries:  # type: ignore[attr-defined]
        if not any("canary" in value for field in entry.fields for value in field.values):
            yield f"{entry.entry_id} was found by a word it does not show"


def _parties(message: Message) -> set[str]:
    paths, _ = PARTIES.get(message.DESCRIPTOR.name, ((), ""))
    found: set[str] = set()
    for path in paths:
        name, _, inner = path.partition(".")
        value = getattr(message, name)
        found |= {getattr(each, inner) for each in value} if inner else {value}
    return found


def _is_shared(message: Message) -> bool:
    return message.DESCRIPTOR.name in PARTIES or message.DESCRIPTOR.name == "Right"


def _people(message: Message) -> set[str]:
    """The people a record is about."""
    if "holders" in message.DESCRIPTOR.fields_by_name:
        return {holder.person_id for holder in message.holders}  # type: ignore[attr-defined]
    return {getattr(message, "person_id", "")} - {""}


def _person_at(address: str) -> int:
    """The number of whose address this is; 0 when it is nobody's who calls."""
    own = re.fullmatch(r"canary-person-(\d+)-0@demo\.example", address)
    return int(own[1]) if own else 0


def _public(rpc: Rpc, path: str) -> tuple[str, str] | None:
    wanted = [(name, prefix) for name, prefix in PUBLIC if name == rpc.name]
    return next((entry for entry in wanted if f"{path}.".startswith(f"{entry[1]}.")), None)


def _found(text: str) -> Iterator[str]:
    """The marks and identifiers in a text, and in what is encoded in it."""
    for layer in (text, *_decoded(text)):
        yield from (found[0].lower() for found in _MARK.finditer(layer))
        yield from (found[0] for found in _ID.finditer(layer))


def _decoded(text: str) -> Iterator[str]:
    """What page tokens and cards hold: JSON in base64url."""
    if " " in text or _ID.fullmatch(text):
        return
    for encoded in _ENCODED.findall(text):
        try:
            yield base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
