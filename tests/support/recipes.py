"""Requests made from the contract: what may stand in each field, drawn by Hypothesis, filled in with what was seen.

A recipe says where a value comes from without knowing it: an identifier somebody was given, a text that bears its
author's mark. It is drawn first and filled in when the call is made, so that drawing never depends on the answers.
"""

import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts import Rpc, is_message, message_in
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from hypothesis import strategies as st

NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
"""A Tuesday, ten in the morning in Paris."""

PASSWORD = "une phrase bien longue"
_QUARTER = timedelta(minutes=15)
_ONE_IN = 6
"""How seldom a request is spoiled."""


class NoStrategy(LookupError):
    """A field of a request that nobody has said how to fill in."""


@dataclass(frozen=True)
class Seen:
    """Something seen in an answer: the `back`-th newest of its noun, of the structure called or of `anyone`."""

    noun: str
    back: int
    anyone: bool


@dataclass(frozen=True)
class Marked:
    """A text that bears its author's mark."""

    before: str = ""
    after: str = ""
    of_person: bool = False


@dataclass(frozen=True)
class Fresh:
    """A word nobody has used yet."""


@dataclass(frozen=True)
class Filling:
    """What fills a recipe in: how to find what was seen, and how to mark a text."""

    find: Callable[[Seen], str]
    mark: Callable[[Marked], str]
    fresh: Callable[[], str]

    def value(self, recipe: Any) -> Any:
        """The value a recipe stands for."""
        if isinstance(recipe, Seen):
            return self.find(recipe)
        if isinstance(recipe, Marked):
            return self.mark(recipe)
        if isinstance(recipe, Fresh):
            return self.fresh()
        if isinstance(recipe, Mapping):
            return {name: self.value(inner) for name, inner in recipe.items()}
        return [self.value(inner) for inner in recipe] if isinstance(recipe, list) else recipe


Recipe = Mapping[str, Any]
"""Field -> recipe of its value; what a message constructor takes, once filled in."""

_BACK = st.sampled_from([0, 0, 0, 0, 1, 1, 2, 3, 5, 7])
_STRUCTURES = st.sampled_from(["le-nord", "le-sud", "l-ouest"])
_DAYS = st.sampled_from(["2026-11-03", "2026-11-03", "2026-11-04", "2026-12-01"])
_FIRST_DAYS = st.sampled_from(["2026-01-01", "2026-11-03"])
_LAST_DAYS = st.sampled_from(["2026-12-31", "2027-06-30"])


def _seen(noun: str) -> st.SearchStrategy[Seen]:
    anyone = st.integers(0, 5).map(lambda roll: roll == 0)
    return st.builds(Seen, st.just(noun), _BACK, anyone)


def _marked(before: str = "", after: str = "", *, of_person: bool = False) -> st.SearchStrategy[Marked]:
    return st.just(Marked(before, after, of_person))


_NOUNS = (
    "agreement_id",
    "application_id",
    "booking_id",
    "card_code",
    "challenge",
    "code",
    "challenge_id",
    "cohort_id",
    "contribution_id",
    "delegate_id",
    "entry_id",
    "event_id",
    "organiser_id",
    "person_id",
    "place_id",
    "programme_id",
    "project_id",
    "question_id",
    "registration_id",
    "resource_id",
    "session_id",
    "stage_id",
)
"""Fields filled with what was seen under the same name."""

_STRINGS: Mapping[str, st.SearchStrategy[Any]] = {
    **{noun: _seen(noun) for noun in _NOUNS},
    "person_ids": _seen("person_id"),
    "session_ids": _seen("session_id"),
    **{name: _marked() for name in ("applicant_name", "project_name", "pitch", "name", "description", "address")},
    **{name: _marked("Accès ") for name in ("note", "stage_names")},
    **{
        name: _marked("Soirée ")
        for name in ("title", "summary", "directions", "accessibility", "room", "speakers", "label", "outline", "terms")
    },
    "explanation": _marked("Faute de salle, "),
    "visitor": st.sampled_from(["", "here", "there"]),
    "invitation_code": st.sampled_from(["", "", "", "nothing"]),
    "message": _marked(),
    "subject": _marked("Sujet "),
    **{name: _marked(of_person=True) for name in ("organisation", "access_needs", "diet")},
    **{name: _marked("Apport ") for name in ("text", "carrier")},
    "owner_organiser_id": st.one_of(st.just(""), _seen("organiser_id")),
    "device_id": st.sampled_from(["device_" + "1" * 32, "device_" + "2" * 32]),
    **{name: st.integers(1, 40).map(lambda number: f"scan_{number:032x}") for name in ("scan_id", "undone_scan_id")},
    "ticket_hash": st.just("0" * 64),
    "first_month": st.sampled_from(["2026-01", "2026-11"]),
    "last_month": st.sampled_from(["2026-11", "2026-12"]),
    "contact": _marked(after="@demo.example"),
    "website": st.sampled_from(["", "https://exemple.example"]),
    "structure": _STRUCTURES,
    **{name: _marked(of_person=True) for name in ("given_name", "family_name")},
    "email": _marked(after="@demo.example"),
    "request_id": st.one_of(st.just(""), st.builds(Fresh)),
    "etag": st.sampled_from(["", "", "", "", '"1"', '"2"']),
    "page_token": st.just(""),
    "phone": st.sampled_from(["", "04 91 00 00 00"]),
    "password": st.just(PASSWORD),
    "locale": st.sampled_from(["", "fr", "en"]),
    "date": _DAYS,
    "exit_date": st.sampled_from(["", "2026-11-03"]),
    "start_date": _FIRST_DAYS,
    "end_date": _LAST_DAYS,
    "month": st.sampled_from(["2026-11", "2026-12"]),
    "opens": st.sampled_from(["08:00", "09:30"]),
    "closes": st.sampled_from(["18:30", "20:00"]),
    "time_zone": st.just("Europe/Paris"),
    "currency_code": st.just("EUR"),
    "resource_kind": st.sampled_from(["NOMAD_SEAT", "DESK"]),
    "grantor": _STRUCTURES,
    "home": _STRUCTURES,
    "slug": _STRUCTURES,
}
_KNOWN_ADDRESS = _seen("email")
_BY_PATH: Mapping[str, st.SearchStrategy[Any]] = (
    {
        f"groupement.shared_identity.v1.{message}.email": _KNOWN_ADDRESS
        for message in ("SignInWithPasswordRequest", "SendSignInLinkRequest", "RequestPasswordResetRequest")
    }
    | {
        f"groupement.shared_identity.v1.{of}": st.one_of(*[st.just("")] * 3, _seen(noun))
        for of, noun in (
            ("Organiser.organiser_id", "organiser_id"),
            ("Challenge.challenge_id", "challenge_id"),
            ("Session.session_id", "session_id"),
            ("Session.challenge_id", "challenge_id"),
            ("Question.question_id", "question_id"),
            ("Question.session_id", "session_id"),
        )
    }
    | {
        f"groupement.shared_identity.v1.{message}.event_id": st.one_of(*[_seen("open")] * 3, _seen("event_id"))
        for message in (
            "GetDoorListRequest",
            "RecordScansRequest",
            "FindAtDoorRequest",
            "GetDoorEntryRequest",
            "GetDoorCountsRequest",
        )
    }
    | {
        f"groupement.shared_identity.v1.{message}Request.event_id": st.one_of(*[_seen("open")] * 5, _seen("event_id"))
        for message in (
            "GetAvailability",
            "HoldSeat",
            "JoinWaitingList",
            "RegisterMe",
            "ResendTicket",
            "GetPools",
            "SetCapacity",
            "SetSessionCapacity",
            "SetAllocation",
            "Invite",
            "ListInvitations",
            "ListRegistrations",
            "CountRegistrations",
            "SendMessage",
        )
    }
    | {
        "groupement.shared_identity.v1.Attendee.email": _marked(after="@demo.example", of_person=True),
        "groupement.shared_identity.v1.Answer.values": _marked(of_person=True),
        "groupement.shared_identity.v1.InviteRequest.emails": _marked(after="@demo.example"),
        "groupement.shared_identity.v1.ListRegistrationsRequest.query": st.sampled_from(["", "", "", "canary"]),
        "groupement.shared_identity.v1.ListRegistrationsRequest.session_id": st.one_of(
            *[st.just("")] * 3, _seen("session_id")
        ),
        "groupement.shared_identity.v1.SendMessageRequest.session_id": st.just(""),
        "groupement.shared_identity.v1.SetSessionCapacityRequest.session_id": _seen("workshop"),
        "groupement.shared_identity.v1.WithdrawRegistrationRequest.registration_id": st.one_of(
            *[_seen("own_registration")] * 3, _seen("registration_id")
        ),
        **{
            f"groupement.shared_identity.v1.{message}Request.event_id": _seen("own_event")
            for message in ("RevokeInvitation", "WithdrawRegistration")
        },
        "groupement.shared_identity.v1.RevokeInvitationRequest.invitation_id": _seen("own_invitation"),
        "groupement.shared_identity.v1.CloseEventRequest.event_id": _seen("over"),
        **{
            f"groupement.shared_identity.v1.{message}EventRequest.event_id": st.one_of(
                *[_seen("ready")] * 3, _seen("event_id")
            )
            for message in ("Publish", "Update")
        },
        **{
            f"groupement.shared_identity.v1.{message}EventRequest.etag": st.sampled_from([*[""] * 8, '"1"'])
            for message in ("Publish", "Update")
        },
        "groupement.shared_identity.v1.CreateEventRequest.slug": _marked(),
        "groupement.shared_identity.v1.UpdateEventRequest.slug": _marked(),
        "groupement.shared_identity.v1.GetPublishedEventRequest.slug": _seen("event_id"),
        "groupement.shared_identity.v1.Question.choices": _marked(),
        "groupement.shared_identity.v1.Organiser.structure": st.one_of(st.just(""), _STRUCTURES),
        "groupement.shared_identity.v1.InviteDelegateRequest.email": _KNOWN_ADDRESS,
        "groupement.incubator.v1.ListCohortsRequest.programme_id": st.one_of(st.just(""), _seen("programme_id")),
        "groupement.coworking.v1.ListResourcesRequest.place_id": st.one_of(st.just(""), _seen("place_id")),
        "groupement.shared_identity.v1.FindAtDoorRequest.query": st.sampled_from(["canary", "ca", "person"]),
        "groupement.shared_identity.v1.ListContributionsRequest.challenge_id": st.one_of(
            *[st.just("")] * 3, _seen("challenge_id")
        ),
        "groupement.shared_identity.v1.SearchDirectoryRequest.query": st.sampled_from(
            ["", "canary", "fiche", "dit", "fichu"]
        ),
        "groupement.shared_identity.v1.SaveEntryRequest.entry_id": st.one_of(*[st.just("")] * 3, _seen("entry_id")),
        "groupement.shared_identity.v1.PreviewEntryRequest.structure": _STRUCTURES,
        "groupement.shared_identity.v1.EntryField.name": st.just("presentation"),
        "groupement.shared_identity.v1.EntryField.values": _marked(),
        "groupement.shared_identity.v1.EntryField.structures": _STRUCTURES,
        "groupement.shared_identity.v1.SearchDirectoryRequest.themes": st.just("FOOD"),
        "groupement.shared_identity.v1.SearchDirectoryRequest.structures": _STRUCTURES,
    }
)
_AUDIENCES = st.integers(1, 4)
_FIELDS = st.tuples(
    st.fixed_dictionaries({"name": st.just("name"), "values": st.lists(_marked("Fiche "), min_size=1, max_size=1)}),
    st.fixed_dictionaries({"name": st.just("headline"), "values": st.lists(_marked("Dit "), min_size=1, max_size=1)}),
    st.fixed_dictionaries({"name": st.just("themes"), "values": st.just(["FOOD"])}),
).flatmap(
    lambda said: st.tuples(
        *(
            st.fixed_dictionaries(
                {
                    **{key: st.just(value) for key, value in field.items()},
                    "audience": _AUDIENCES,
                    "structures": st.lists(_STRUCTURES, max_size=1),
                }
            )
            for field in said
        )
    ).map(list)
)
_WALK_IN = st.fixed_dictionaries({"given_name": _marked(of_person=True), "family_name": _marked(of_person=True)})
_WHOM = st.one_of(
    st.fixed_dictionaries({"walk_in": _WALK_IN, "kind": st.just(1)}),
    st.fixed_dictionaries({"registration_id": _seen("registration_id"), "kind": st.sampled_from([1, 1, 2])}),
)
_SCANS = st.lists(
    st.tuples(
        st.fixed_dictionaries(
            {
                "scan_id": st.integers(1, 10_000).map(lambda number: f"scan_{number:032x}"),
                "device_id": st.just("device_" + "1" * 32),
                "scan_time": st.just({"seconds": int(NOW.timestamp())}),
            }
        ),
        _WHOM,
    ).map(lambda parts: {**parts[0], **parts[1]}),
    min_size=1,
    max_size=2,
)
_WORKSHOPS: st.SearchStrategy[Any] = st.one_of(*[st.just([])] * 4, st.lists(_seen("workshop"), min_size=1, max_size=1))
_LISTS: Mapping[str, st.SearchStrategy[Any]] = {
    **{
        f"groupement.shared_identity.v1.{message}Request.session_ids": _WORKSHOPS
        for message in ("ConfirmRegistration", "JoinWaitingList", "RegisterMe", "ChangeSessions")
    },
    "groupement.shared_identity.v1.Attendee.answers": st.just([]),
    "groupement.shared_identity.v1.ListRegistrationsRequest.states": st.sampled_from([[], [], [2], [3, 5]]),
    "groupement.shared_identity.v1.SendMessageRequest.states": st.sampled_from([[], [2], [2, 5, 6]]),
    "groupement.shared_identity.v1.RecordScansRequest.scans": _SCANS,
    "groupement.shared_identity.v1.Question.choices": st.tuples(_marked("Un "), _marked("Deux ")).map(list),
    "groupement.shared_identity.v1.SaveEntryRequest.fields": _FIELDS,
    "groupement.shared_identity.v1.PreviewEntryRequest.fields": _FIELDS,
    "groupement.shared_identity.v1.SearchDirectoryRequest.kinds": st.lists(st.integers(1, 4), max_size=1),
    "groupement.shared_identity.v1.SearchDirectoryRequest.themes": st.sampled_from([[], [], [], ["FOOD"]]),
    "groupement.shared_identity.v1.SearchDirectoryRequest.structures": st.lists(_STRUCTURES, max_size=1),
}
"""Lists that hang together."""

_NUMBERS: Mapping[str, st.SearchStrategy[int]] = {
    "page_size": st.sampled_from([0, 1, 2, 200]),
    "arrangement_version": st.sampled_from([0, 1]),
    "size": st.sampled_from([3, 100, 120]),
    "groupement.shared_identity.v1.SetAllocationRequest.size": st.integers(0, 3),
    "weekday": st.integers(1, 7),
    "notice_days": st.sampled_from([0, 30, 365]),
    "cents": st.integers(0, 10_000),
    "duration_months": st.integers(1, 60),
    "capacity": st.integers(1, 500),
    "units": st.integers(1, 20),
    "half_days_per_month": st.integers(1, 20),
    "position": st.integers(0, 5),
    "approved_arrangement": st.integers(0, 2),
    "version": st.sampled_from([1, 1, 1, 2, 3]),
    "retention_days": st.sampled_from([0, 90, 1_095]),
}
_QUARTERS: Mapping[str, tuple[int, int]] = {"end_time": (9, 16), "release_time": (0, 4)}
"""Instants that come after others, or before: from which quarter of an hour after NOW to which."""

_CHOSEN: Mapping[str, Sequence[int]] = {"groupement.shared_identity.v1.InviteDelegateRequest.access": (2, 3, 4)}
"""Values that make sense there, where not all do."""

GARBAGE_TEXTS: Sequence[str] = (
    " ",
    "\0",
    "a\0b",
    "\u202egauche",
    "x" * 5_000,
    "é" * 20_000,
    "'; DROP TABLE person; --",
    "../../etc/passwd",
    "🦊" * 70,
    "2026-13-45",
    "person_" + "0" * 32,
    "booking_" + "f" * 32,
    "WyJhIiwiYiJd",
    "a.b.c",
)
GARBAGE_NUMBERS: Sequence[int] = (-1, 0, -(2**31), 2**31 - 1)
GARBAGE_ENUMS: Sequence[int] = (0, 99, -1, 2**31 - 1)
GARBAGE_INSTANTS: Sequence[Mapping[str, int]] = (
    {"seconds": -62_135_596_800},
    {"seconds": 253_402_300_799},
    {"seconds": 2**62},
    {"seconds": -(2**62), "nanos": 5},
    {"seconds": int(NOW.timestamp()), "nanos": -1},
    {"seconds": int(NOW.timestamp()), "nanos": 2**31 - 1},
    {},
)
_WILD_TEXTS = st.one_of(st.sampled_from(GARBAGE_TEXTS), st.text(st.characters(codec="utf-8"), max_size=20))


def requests(rpc: Rpc) -> st.SearchStrategy[Recipe]:
    """Recipes of requests of an RPC, one in a few of them spoiled somewhere; raises NoStrategy."""
    good, wild = _message(rpc.asks, wild=False), _message(rpc.asks, wild=True)
    return st.integers(0, _ONE_IN).flatmap(lambda roll: wild if roll == _ONE_IN else good)


def good_requests(rpc: Rpc) -> st.SearchStrategy[Recipe]:
    """Recipes of requests that are as they should be."""
    return _message(rpc.asks, wild=False)


def _message(of: Descriptor, *, wild: bool) -> st.SearchStrategy[Recipe]:
    if of.full_name == "google.protobuf.Timestamp":
        return st.sampled_from(GARBAGE_INSTANTS) if wild else _instants(0, 8)
    if of.full_name == "google.protobuf.FieldMask":
        return st.fixed_dictionaries({"paths": st.lists(_mask_paths(wild), min_size=1, max_size=3, unique=True)})
    fields = {field.name: _field(field, wild=wild) for field in of.fields}
    return st.fixed_dictionaries(fields)


def _field(field: FieldDescriptor, *, wild: bool) -> st.SearchStrategy[Any]:
    if not wild and field.full_name in _LISTS:
        return _LISTS[field.full_name]
    one = _one(field, wild=False)
    if wild:
        good = one
        one = st.integers(0, 2).flatmap(lambda roll: _one(field, wild=True) if roll == 0 else good)
    if not field.is_repeated:
        return one
    most = 3 if wild or field.name in ("person_ids", "stage_names") else 1
    return st.lists(one, min_size=0 if wild else 1, max_size=most)


def _one(field: FieldDescriptor, *, wild: bool) -> st.SearchStrategy[Any]:
    if is_message(field):
        if not wild and field.name in _QUARTERS:
            return _instants(*_QUARTERS[field.name])
        return _message(message_in(field), wild=wild)
    if field.enum_type is not None:
        values = _CHOSEN.get(field.full_name, [value.number for value in field.enum_type.values if value.number])
        return st.sampled_from(GARBAGE_ENUMS) if wild else st.sampled_from(values)
    if field.type == FieldDescriptor.TYPE_BOOL:
        return st.booleans()
    if field.type == FieldDescriptor.TYPE_STRING:
        return _WILD_TEXTS if wild else _string(field)
    return st.sampled_from(GARBAGE_NUMBERS) if wild else _number(field)


def _string(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    found = _BY_PATH.get(field.full_name, _STRINGS.get(field.name))
    if found is None:
        raise NoStrategy(f"{field.full_name}: say in tests/support/recipes.py what may stand there")
    return found


def _number(field: FieldDescriptor) -> st.SearchStrategy[int]:
    found = _NUMBERS.get(field.full_name, _NUMBERS.get(field.name))
    if found is None:
        raise NoStrategy(f"{field.full_name}: say in tests/support/recipes.py what may stand there")
    return found


def _instants(first: int, last: int) -> st.SearchStrategy[Recipe]:
    """Quarters of an hour after NOW; now and then a day later."""
    quarters = st.integers(first, last)
    return quarters.map(lambda quarter: {"seconds": int((NOW + quarter * _QUARTER).timestamp())})


def _mask_paths(wild: bool) -> st.SearchStrategy[str]:
    names = ["given_name", "family_name", "locale"]
    words = st.text(string.ascii_lowercase + "_.", max_size=12)
    return st.one_of(st.sampled_from([*names, "email", "person_id"]), words) if wild else st.sampled_from(names)
