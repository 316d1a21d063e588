"""Calling everything as everybody with what was seen so far: each answer is judged, counted and remembered."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, cycle, permutations
from typing import Any

from border import Answer, Border
from cast import NOBODY, SHARED_IDENTITY, STRUCTURES, Viewer, everybody, frequented, person_id, viewers
from contracts import Rpc, every_rpc, names_a_field, walk
from google.protobuf.message import Message
from recipes import Filling, Recipe, Seen
from servicekit.origin import GROUPEMENT, Origin
from shared_identity.mail.domain import Kind
from shared_identity.mail.storage import letter
from shared_identity.sign_in import usecases as sign_in
from shared_identity.sign_in.domain import Asked
from sovereign import Sovereign, clock
from sqlalchemy import select

REFUSALS = frozenset(
    {
        "INVALID_ARGUMENT",
        "NOT_FOUND",
        "FAILED_PRECONDITION",
        "ABORTED",
        "PERMISSION_DENIED",
        "UNAUTHENTICATED",
        "RESOURCE_EXHAUSTED",
    }
)
"""The codes a refusal may have: whatever is sent, nothing else comes back."""

_CODES = {
    Kind.VERIFY_EMAIL: "PersonService.VerifyEmail",
    Kind.RESET_PASSWORD: "PersonService.ResetPassword",
    Kind.SIGN_IN_LINK: "SignInService.SignInWithLink",
}
_MAILING = ("PersonService.RegisterPerson", "PersonService.RequestPasswordReset", "SignInService.SendSignInLink")
_KEPT = 12
_FAR = 60
_LAST_CALLS = 12
_LONGEST = 2_000


class Trespassed(AssertionError):
    """Somebody was told what is not theirs to know, or was refused without a word."""


@dataclass(kw_only=True)
class Memory:
    """What was seen in answers, by noun and by whose it is, newest last; and which things belong together."""

    _seen: defaultdict[tuple[str, str], deque[str]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=_KEPT))
    )
    _kin: defaultdict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def note(self, noun: str, value: str, *whose: str) -> None:
        """Remembers a value as the newest of its noun, for each whose it is."""
        for owner in {*whose, ""} - {NOBODY}:
            known = self._seen[noun, owner]
            if value in known:
                known.remove(value)
            known.append(value)

    def note_message(self, message: Message, *whose: str) -> None:
        """Remembers every identifier in an answer."""
        for _, inner in walk(message):
            found = dict(_identifiers(inner))
            for noun, value in found.items():
                self.note(noun, value, *whose)
            self._relate(found, [dict(_identifiers(each)) for path, each in walk(inner) if path])

    def pick(self, seen: Seen, *whose: str, beside: Sequence[str] = ()) -> str:
        """A value that was seen: one that belongs with those `beside` it, else of the first owner who has any."""
        if not seen.anyone and (kin := self._kindred(seen.noun, beside)):
            return kin
        for owner in ("",) if seen.anyone else (*whose, ""):
            if known := self._seen[seen.noun, owner]:
                return known[-1 - seen.back % len(known)]
        return f"{seen.noun.removesuffix('_id')}_{'0' * 32}"

    def _relate(self, found: Mapping[str, str], inside: Sequence[Mapping[str, str]]) -> None:
        if not found:
            return
        first = next(iter(found.values()))
        for each in (found, *inside):
            for value in each.values():
                if value != first:
                    self._kin[first][value] = ""
                    self._kin[value][first] = ""

    def _kindred(self, noun: str, beside: Sequence[str]) -> str:
        """The nearest thing of that noun which belongs with what the request already names."""
        prefix, queue, known = noun.removesuffix("_id") + "_", deque(beside), set(beside)
        while queue and len(known) < _FAR:
            for value in reversed(self._kin.get(queue.popleft(), {})):
                if value.startswith(prefix):
                    return value
                if value not in known and not value.startswith("person_"):
                    known.add(value)
                    queue.append(value)
        return ""


@dataclass(kw_only=True)
class Trespass:
    """Everyone at every door of one house; raises Trespassed at the first thing that is not right."""

    world: Sovereign
    border: Border = field(default_factory=Border)
    memory: Memory = field(default_factory=Memory)
    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    served: Mapping[str, Sequence[str]] = field(default_factory=dict)
    viewers: Sequence[Viewer] = field(default_factory=viewers)
    people: Iterator[int] = field(default_factory=lambda: cycle(everybody()))
    """Whose turn it is to have forgotten their password."""

    neighbours: Iterator[tuple[str, str]] = field(default_factory=lambda: cycle(permutations(STRUCTURES, 2)))
    """Whose turn it is to propose an agreement, and to whom."""

    pages: dict[str, Message] = field(default_factory=dict)
    _last: deque[str] = field(default_factory=lambda: deque(maxlen=_LAST_CALLS))
    _fresh: "count[int]" = field(default_factory=lambda: count(1))
    _found: str = ""
    _letters: set[str] = field(default_factory=set)

    async def look_around(self) -> None:
        """Learns what is served where, and who there is."""
        self.served = await self.world.served()
        for person in everybody():
            self.memory.note("person_id", person_id(person), *frequented(person))
            self.memory.note("email", address(person))
        await self.raise_challenges()

    def targets(self, rpc: Rpc) -> Sequence[str]:
        """The instances that serve an RPC."""
        return self.served.get(rpc.service, ())

    def admitted(self, rpc: Rpc, target: str) -> Sequence[Viewer]:
        """Those whom the contract lets in."""
        return [viewer for viewer in self.viewers if _is_admitted(rpc, target, viewer)]

    def of_that_rank(self, rpc: Rpc) -> Sequence[Viewer]:
        """Those whom the contract would let in somewhere, were it not for whom they act."""
        return [viewer for viewer in self.viewers if _has_rank(rpc, viewer)] or self.viewers

    def request(self, viewer: Viewer, target: str, rpc: Rpc, recipe: Recipe) -> Message:
        """A recipe filled in for somebody at a door."""
        named: list[str] = []

        def find(seen: Seen) -> str:
            noun = f"code of {rpc.name}" if seen.noun == "code" else seen.noun
            own = f"{viewer.person}@{target}" if viewer.person and not viewer.insider else ""
            where = viewer.structure if target == SHARED_IDENTITY else Origin.parse(target).structure
            found = self.memory.pick(Seen(noun, seen.back, seen.anyone), *([own] if own else []), where, beside=named)
            named.append(found)
            return found

        filling = Filling(
            find=find,
            mark=lambda wanted: self.border.mark(viewer, wanted),
            fresh=lambda: f"fresh-{next(self._fresh)}",
        )
        return rpc.request(**filling.value(recipe))

    async def call(self, viewer: Viewer, target: str, rpc: Rpc, request: Message, *, counted: bool = True) -> Answer:
        """One call, judged and remembered."""
        self._raise_found()
        answer = await self.world.call(viewer, target, rpc, request)
        self._last.append(f"{viewer} -> {target} {rpc.name}({_short(request)}) = {answer.code} {answer.reason}")
        self.counts[rpc.name][answer.code] += counted
        self._judge(viewer, target, rpc, request, answer)
        if answer.message is not None:
            await self._remember(viewer, target, rpc, request, answer.message)
        return answer

    async def raise_challenges(self, many: int = 3) -> None:
        """Has browsers come to sign in: a challenge can be answered once."""
        asked = Asked(client_id="portal", client_name="Portail", login_hint="", request="{}")
        async with self.world.dbs[SHARED_IDENTITY].work() as work:
            for _ in range(many):
                self.memory.note("challenge", await sign_in.raise_challenge(work, asked, now=clock()))

    def _judge(self, viewer: Viewer, target: str, rpc: Rpc, request: Message, answer: Answer) -> None:
        wrong = [*self.border.leaks(viewer, target, rpc, request, answer), *without_words(rpc, answer)]
        if wrong:
            self._found = "\n".join(
                [
                    f"{viewer} asked {target} for {rpc.name}({_short(request)}):",
                    *(f"  {line}" for line in wrong),
                    f"the answer: {answer.code} {str(answer.message or dict(answer.words))[:_LONGEST]}",
                    "before that:",
                    *(f"  {line}" for line in self._last),
                ]
            )
        self._raise_found()

    def _raise_found(self) -> None:
        """What was found stays found: whoever tries again is told the same."""
        if self._found:
            raise Trespassed(self._found)

    async def _remember(self, viewer: Viewer, target: str, rpc: Rpc, request: Message, message: Message) -> None:
        own = f"{viewer.person}@{target}" if viewer.person else ""
        self.memory.note_message(message, Origin.parse(target).structure, viewer.structure, *([own] if own else []))
        if token := getattr(message, "next_page_token", ""):
            onward = type(request)()
            onward.CopyFrom(request)
            onward.page_token = token  # type: ignore[attr-defined]
            self.pages[rpc.name] = onward
        if rpc.name in _MAILING:
            await self._read_mail()
        if rpc.name.startswith("SignInService.SignIn"):
            await self.raise_challenges()

    async def _read_mail(self) -> None:
        """Opens the letters that wait, and keeps the codes in them."""
        async with self.world.dbs[SHARED_IDENTITY].reading() as work:
            rows = (await work.execute(select(letter.c.letter_id, letter.c.kind, letter.c.code_id))).all()
        for letter_id, kind, code_id in rows:
            if letter_id not in self._letters and code_id and Kind(kind) in _CODES:
                self._letters.add(letter_id)
                self.memory.note(f"code of {_CODES[Kind(kind)]}", self.world.codes_of(code_id))


def address(person: int) -> str:
    """Where somebody reads mail."""
    return f"canary-person-{person}-0@demo.example"


def without_words(rpc: Rpc, answer: Answer) -> Sequence[str]:
    """What is wrong with a refusal: a code of an accident, no reason, a fault that names no field."""
    if answer.code == "OK":
        return []
    wrong = [] if answer.code in REFUSALS else [f"{answer.code} is an accident, not a refusal"]
    if not answer.reason:
        wrong.append("it gives no reason")
    if answer.code == "INVALID_ARGUMENT" and not names_a_field(rpc.asks, answer.field):
        wrong.append(f"{answer.reason} names {answer.field!r}, which is no field of the request")
    return wrong


def never_answered(counts: Mapping[str, Counter[str]], rpcs: Sequence[Rpc]) -> Sequence[str]:
    """The RPCs that nobody ever called with success."""
    return [rpc.name for rpc in rpcs if not counts.get(rpc.name, Counter())["OK"]]


def table(counts: Mapping[str, Counter[str]]) -> str:
    """How often each RPC was called and how it answered, a line each."""
    lines = [
        f"{name:<40}{sum(codes.values()):>6} calls  "
        + ", ".join(f"{code} {number}" for code, number in sorted(codes.items()))
        for name, codes in sorted(counts.items())
    ]
    total = sum(sum(codes.values()) for codes in counts.values())
    return "\n".join([*lines, f"{total} calls of {len(counts)} RPCs"])


def by_name() -> Mapping[str, Rpc]:
    """Every RPC by its name."""
    return {rpc.name: rpc for rpc in every_rpc()}


def _is_admitted(rpc: Rpc, target: str, viewer: Viewer) -> bool:
    where = Origin.parse(target).structure
    at_home = where == GROUPEMENT or viewer.structure in (where, NOBODY)
    known = viewer.structure != NOBODY or not viewer.speaks_to
    believed = viewer.insider or where == GROUPEMENT or not set(viewer.roles) - {"MEMBER"}
    return at_home and known and believed and _has_rank(rpc, viewer)


def _has_rank(rpc: Rpc, viewer: Viewer) -> bool:
    admission = rpc.admissions.get(viewer.kind)
    if admission is None or admission.peer:
        return admission is not None
    return bool(viewer.person) and (admission.signed_in or bool(admission.roles & set(viewer.roles)))


def _identifiers(message: Message) -> Sequence[tuple[str, str]]:
    """The identifiers that stand in a message itself, each with its noun."""
    found: list[tuple[str, str]] = []
    for described, value in message.ListFields():
        if isinstance(value, str) and described.name.endswith("_id"):
            found.append((described.name, value))
        if message.DESCRIPTOR.name == "Card" and described.name == "code":
            found.append(("card_code", value))
    return found


def _short(request: Any) -> str:
    return " ".join(str(request).split())[:300]
