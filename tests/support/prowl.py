"""A state machine that prowls around a house: one rule for each RPC that is served, made from its descriptor."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import beginnings
from broker import account, broker
from cast import SHARED_IDENTITY, STRUCTURES
from contracts import Rpc, every_rpc
from engines import Databases
from greeting import House
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyStrategyDefinition
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from recipes import Recipe, requests
from servicekit.bus.accounts import Registry
from servicekit.origin import GROUPEMENT, Origin
from sovereign import KINDS, Sovereign, Spoil
from trespass import Trespass

_WITHIN = 30.0
_PAUSE = 0.05
_BY_RIGHT = 5
"""One call in so many is made by anybody, the others by somebody whom the contract lets in: they get further."""

_BY_STANDING = 3
"""One of those calls in so many is made by whoever drew it, the others by who manages the event that it names."""

_BY_RANK = 3
"""One second call in so many is made by anybody, the others by somebody whom a house of their own would let in."""


class Visits:
    """How one RPC is called: everybody's turn comes, at every instance, however often drawing repeats itself."""

    def __init__(self, trespass: Trespass, rpc: Rpc) -> None:
        self._trespass = trespass
        self._rpc = rpc
        self._targets = trespass.targets(rpc)
        self._let_in = {target: trespass.admitted(rpc, target) for target in self._targets}
        self._equals = trespass.of_that_rank(rpc)
        self._turns = count()

    @property
    def drawn(self) -> Mapping[str, st.SearchStrategy[Any]]:
        """What is drawn for one visit; raises NoStrategy."""
        far = st.integers(0, 10_000)
        return {"recipe": requests(self._rpc), "who": far, "other": far}

    async def pay(self, recipe: Recipe, who: int, other: int) -> None:
        """Calls, has somebody else ask the very same, then both ask for the page that follows."""
        turn, anybody = next(self._turns), self._trespass.viewers
        target = self._targets[turn % len(self._targets)]
        known = (self._let_in[target] if turn % _BY_RIGHT else ()) or anybody
        others = self._equals if turn % _BY_RANK else anybody
        first, second = known[(who + turn) % len(known)], others[(other + turn) % len(others)]
        request = self._trespass.request(first, target, self._rpc, recipe)
        managing = [] if known is anybody else self._trespass.border.managing(known, request)
        if managing and turn % _BY_STANDING:
            first = managing[(who + turn) % len(managing)]
            request = self._trespass.border.remarked(request, first)
        answer = await self._trespass.call(first, target, self._rpc, request)
        await self._trespass.call(second, target, self._rpc, self._trespass.border.remarked(request, second))
        if answer.next_page_token:
            onward = self._trespass.pages[self._rpc.name]
            await self._trespass.call(second, target, self._rpc, onward)
            await self._trespass.call(first, target, self._rpc, onward)


@dataclass(frozen=True, kw_only=True)
class Prowl:
    """A house with somebody prowling around it; `run` lets the house live for as long as something takes."""

    trespass: Trespass
    run: Callable[[Any], Any]

    def visits(self) -> Mapping[str, Visits]:
        """How to call each RPC that some instance says it serves, by the name of its rule."""
        return {rule_name(rpc): Visits(self.trespass, rpc) for rpc in every_rpc() if self.trespass.targets(rpc)}

    def machine(self) -> type[RuleBasedStateMachine]:
        """The machine, with a rule for each RPC; raises NoStrategy."""
        visits = self.visits()
        once_around = st.fixed_dictionaries(
            {name: st.fixed_dictionaries(dict(it.drawn)) for name, it in visits.items()}
        )

        @initialize(drawn=once_around)
        def morning(_machine: RuleBasedStateMachine, drawn: Mapping[str, Mapping[str, Any]]) -> None:
            self.run(self._morning(visits, drawn))

        rules = {name: self._rule(name, visit) for name, visit in visits.items()}
        return type("Prowler", (RuleBasedStateMachine,), {"morning": morning, **rules})

    def around(self, *, times: int, steps: int) -> None:
        """Goes around that many times, with so many more visits each; raises Trespassed at the first thing found."""
        bounds = settings(
            max_examples=times,
            stateful_step_count=steps,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            print_blob=False,
        )
        try:
            run_state_machine_as_test(self.machine(), settings=bounds)
        except FlakyStrategyDefinition:  # what was found is tried again on other data: it is what matters
            self.trespass._raise_found()
            raise

    def around_a_build_of(
        self,
        *instances: str,
        times: int = 12,
        spoil: Spoil = lambda parts: parts,
        options: Callable[[str], Mapping[str, Any]] = lambda _: {},
    ) -> None:
        """Goes around while these instances are answered by another build of them, on the same data."""
        world = self.trespass.world
        builds = AsyncExitStack()
        try:
            for instance in instances:
                self.run(builds.enter_async_context(world.rebuilt(instance, spoil, **options(instance))))
            self.around(times=times, steps=10)
        finally:
            self.run(builds.aclose())

    async def _morning(self, visits: Mapping[str, Visits], drawn: Mapping[str, Mapping[str, Any]]) -> None:
        """A new day, and once around: what comes later is left to chance, that each RPC is tried is not."""
        await beginnings.morning(self.trespass)
        for name, values in drawn.items():
            await visits[name].pay(**values)

    def _rule(self, name: str, visits: Visits) -> Any:
        def visit(_machine: RuleBasedStateMachine, **drawn: Any) -> None:
            self.run(visits.pay(**drawn))

        visit.__name__ = name
        make: Any = rule
        return make(**visits.drawn)(visit)


def rule_name(rpc: Rpc) -> str:
    """The name of the rule that calls an RPC."""
    return rpc.name.replace(".", "_")


@contextmanager
def prowling(home: Path, engine: str = "sqlite", server: str = "", *, bus: bool = True) -> Iterator[Prowl]:
    """A house of three structures, settled; with a broker, what is told is heard by the time it is handed over."""
    (home / "databases").mkdir()
    with asyncio.Runner() as runner:
        stack = _house(home, Databases(engine, home / "databases", server), bus=bus)
        trespass = runner.run(stack.__aenter__())
        try:
            yield Prowl(trespass=trespass, run=runner.run)
        finally:
            runner.run(stack.__aexit__(None, None, None))


def _house(home: Path, databases: Databases, *, bus: bool) -> Any:
    @asynccontextmanager
    async def house() -> Any:
        async with AsyncExitStack() as stack:
            running = await stack.enter_async_context(broker(home, registry(home))) if bus else None
            world = Sovereign(house=House(home / "house"), databases=databases, broker=running)
            stack.push_async_callback(world.close)
            await world.open()
            trespass = Trespass(world=world)
            await beginnings.settle(trespass)
            if bus:
                await _heard(trespass)
            yield trespass

    return house()


def registry(home: Path) -> Registry:
    """The accounts of the groupement and of its structures."""
    kind = Origin.parse(SHARED_IDENTITY).kind
    structures = tuple(account(home, slug, kinds=KINDS) for slug in STRUCTURES)
    return Registry(groupement=account(home, GROUPEMENT, kinds=(kind,)), structures=structures)


async def _heard(trespass: Trespass) -> None:
    """Returns once the right that the south grants has come all the way around."""
    rights = next(rpc for rpc in every_rpc() if rpc.name == "BookingService.ListMyRights")
    crossing = next(viewer for viewer in trespass.viewers if viewer.name == "the north's holder in the south")
    async with asyncio.timeout(_WITHIN):
        while True:
            answer = await trespass.call(crossing, "coworking@le-sud", rights, rights.request())
            if answer.message is not None and answer.message.rights:  # type: ignore[attr-defined]
                return
            await asyncio.sleep(_PAUSE)


def missing(rules: Mapping[str, Any], rpcs: Sequence[Rpc]) -> Sequence[str]:
    """The RPCs that no rule calls."""
    return [rpc.name for rpc in rpcs if rule_name(rpc) not in rules]
