"""Whatever is declared, signed, ended, repeated and disordered, rights are what counting days by hand gives."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from engines import Databases
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reciprocity import (
    CAMILLE,
    JO,
    NORTH,
    NOW,
    SEATS,
    SHARED_IDENTITY,
    SOUTH,
    TODAY,
    WEST,
    an_agreement,
    declared,
    ended,
    outcome,
    settle_in,
    told_to,
)
from servicekit.bus.envelope import Received
from servicekit.bus.subscriptions import Subscriptions
from servicekit.refusals import Refusal
from servicekit.sql import Database, Sweeper
from shared_identity.agreements import usecases
from shared_identity.agreements.domain import Agreement
from shared_identity.assembly import due, subscriptions
from shared_identity.days import Period
from shared_identity.memberships.domain import MembershipKind
from shared_identity.schema import METADATA

HORIZON = 150
PEOPLE = (CAMILLE, JO)
KINDS = (MembershipKind.INCUBATED, MembershipKind.ALUMNI)
ROOMS = replace(SEATS, membership_kind=MembershipKind.ALUMNI, resource_kind="MEETING_ROOM")
AGREEMENTS = (
    an_agreement("agreement_" + "1" * 32, clauses=(SEATS, ROOMS), notice_days=3),
    an_agreement("agreement_" + "2" * 32, grantor=WEST, period=Period(start=TODAY + timedelta(days=5))),
    an_agreement("agreement_" + "3" * 32, home=WEST, period=Period(start=TODAY, end=TODAY + timedelta(days=12))),
)


SEEN: Counter[str] = Counter()
"""What the examples met: a run that met no right, or no end of one, has shown nothing."""


@dataclass
class Said:
    """A membership as its structure knows it: the truth that facts tell of, in pieces."""

    person_id: str
    structure: str
    kind: MembershipKind
    start: date = TODAY
    end: date | None = None
    closed: bool = False
    version: int = 0

    def covers(self, day: date) -> bool:
        return not self.closed and self.version > 0 and self.start <= day and (self.end is None or day <= self.end)


@dataclass
class Bond:
    """An agreement as its parties know it."""

    agreement: Agreement
    signed: bool = False
    end: date | None = None

    def covers(self, day: date) -> bool:
        return self.signed and self.agreement.period.start <= day and (self.end is None or day <= self.end)


@dataclass
class World:
    """The model beside the real thing."""

    database: Database
    today: date = TODAY
    said: list[Said] = field(default_factory=list)
    bonds: list[Bond] = field(default_factory=list)
    travelling: list[Received] = field(default_factory=list)
    arrived: list[Received] = field(default_factory=list)

    def now(self) -> datetime:
        return NOW + (self.today - TODAY)

    def declare(self, at: int, start: int, length: int | None) -> None:
        it = self.said[at]
        it.start = self.today + timedelta(days=start)
        it.end = None if length is None else it.start + timedelta(days=length)
        it.closed, it.version = False, it.version + 1
        self.travelling.append(
            declared(
                _name(at),
                it.person_id,
                kind=it.kind,
                start=it.start.isoformat(),
                end=it.end.isoformat() if it.end else "",
                version=it.version,
                by=it.structure,
                at=self.now(),
            )
        )

    def leave(self, at: int, ahead: int) -> None:
        it = self.said[at]
        if it.version == 0:
            return
        it.end, it.version = self.today + timedelta(days=ahead), it.version + 1
        it.closed = ahead <= 0
        fact = ended(
            _name(at),
            it.person_id,
            last_day=it.end.isoformat(),
            version=it.version,
            by=it.structure,
            at=self.now(),
        )
        self.travelling.append(fact)

    def repeat(self, at: int) -> None:
        if self.arrived:
            self.travelling.append(self.arrived[at % len(self.arrived)])

    async def deliver(self, at: int) -> None:
        """One fact arrives, whichever; refused, it travels on."""
        if not self.travelling:
            return
        fact = self.travelling.pop(at % len(self.travelling))
        try:
            async with self.database.work() as work:
                await Subscriptions(subscriptions(self.now)).handle(work, fact)
            self.arrived.append(fact)
        except Refusal:
            self.travelling.append(fact)

    async def deliver_all(self) -> None:
        while self.travelling:
            before = len(self.travelling)
            for _ in range(before):
                await self.deliver(0)
            assert len(self.travelling) < before, "refused for ever"

    async def sign(self, at: int) -> None:
        bond = self.bonds[at]
        if bond.signed or bond.agreement.period.over(self.today):
            return
        async with self.database.work() as work:
            await usecases.propose(work, bond.agreement, by=bond.agreement.grantor, now=self.now())
            await usecases.sign(work, bond.agreement.agreement_id, by=bond.agreement.home, etag="", now=self.now())
        bond.signed, bond.end = True, bond.agreement.period.end

    async def end(self, at: int, ahead: int) -> None:
        bond, wished = self.bonds[at], self.today + timedelta(days=ahead)
        try:
            async with self.database.work() as work:
                name, home = bond.agreement.agreement_id, bond.agreement.home
                await usecases.end(work, name, wished, by=home, etag="", now=self.now())
        except Refusal:
            return
        last = max(wished, self.today + timedelta(days=bond.agreement.notice_days))
        bond.end = last if bond.end is None else min(bond.end, last)

    async def sleep(self, days: int) -> None:
        self.today += timedelta(days=days)
        await Sweeper(self.database, due(self.now), clock=self.now).sweep()

    async def check(self) -> None:
        """What is kept, and what each granting structure was told, is what the days say."""
        await self.deliver_all()
        expected, kept = self._expected(), await self._kept()
        assert kept == expected
        SEEN["rights"] += len(kept)
        for grantor in (SOUTH, WEST):
            said_by = outcome(await told_to(self.database, grantor))
            told = [said for said in said_by.values() if said != "closed"]
            mine = [key for key in kept if _grantor(key[0]) == grantor]
            assert len(told) == len(mine)
            SEEN["closed"] += list(said_by.values()).count("closed")

    async def _kept(self) -> dict[tuple[str, str, str], tuple[date, date]]:
        found = {}
        async with self.database.reading() as work:
            for person_id in PEOPLE:
                for grantor in (SOUTH, WEST):
                    for right in await usecases.open_rights(
                        work, person_id, grantor, today=self.today, after="", limit=99
                    ):
                        key = (right.agreement_id, person_id, right.resource_kind)
                        found[key] = (max(self.today, right.period.start), right.period.end or self._edge)
        return {key: (start, min(end, self._edge)) for key, (start, end) in found.items()}

    @property
    def _edge(self) -> date:
        return self.today + timedelta(days=HORIZON)

    def _expected(self) -> dict[tuple[str, str, str], tuple[date, date]]:
        expected = {}
        for bond in self.bonds:
            for person_id in PEOPLE:
                for clause in bond.agreement.clauses:
                    run = self._first_run(bond, person_id, clause.membership_kind)
                    if run:
                        expected[bond.agreement.agreement_id, person_id, clause.resource_kind] = (run[0], run[-1])
        return expected

    def _first_run(self, bond: Bond, person_id: str, kind: MembershipKind) -> list[date]:
        run: list[date] = []
        for ahead in range(HORIZON + 1):
            day = self.today + timedelta(days=ahead)
            entitled = bond.covers(day) and any(
                it.covers(day)
                for it in self.said
                if (it.person_id, it.structure, it.kind) == (person_id, bond.agreement.home, kind)
            )
            if entitled:
                run.append(day)
            elif run:
                break
        return run


def _name(at: int) -> str:
    return f"membership_{at + 1:032x}"


def _grantor(agreement_id: str) -> str:
    return next(each.grantor for each in AGREEMENTS if each.agreement_id == agreement_id)


MEMBERSHIPS = st.integers(0, 5)
BONDS = st.integers(0, len(AGREEMENTS) - 1)
ANY = st.integers(0, 1_000)
DECLARE = st.tuples(st.just("declare"), MEMBERSHIPS, st.integers(-5, 10), st.none() | st.integers(0, 12))
SIGN = st.tuples(st.just("sign"), BONDS)
END = st.tuples(st.just("end"), BONDS, st.integers(-2, 20))
LATER = st.one_of(
    DECLARE,
    st.tuples(st.just("leave"), MEMBERSHIPS, st.sampled_from((-3, 0, 0, 2, 10))),
    st.tuples(st.just("repeat"), ANY),
    st.tuples(st.just("deliver"), ANY),
    SIGN,
    END,
    st.tuples(st.just("sleep"), st.integers(1, 8)),
    st.tuples(st.just("check")),
)
STEPS = st.tuples(st.lists(DECLARE, max_size=6), st.lists(SIGN, max_size=3), st.lists(LATER, max_size=20)).map(
    lambda parts: [*parts[0], *parts[1], *parts[2]]
)


async def _live(databases: Databases, steps: list[tuple[Any, ...]]) -> None:
    world = World(database=await databases.make(METADATA, SHARED_IDENTITY))
    async with world.database.work() as work:
        await settle_in(work)
    homes = (NORTH, NORTH, WEST)
    world.said = [Said(PEOPLE[at % 2], homes[at // 2], KINDS[at in (1, 2)]) for at in range(6)]
    world.bonds = [Bond(agreement) for agreement in AGREEMENTS]
    try:
        for step, *arguments in steps:
            did = getattr(world, step)(*arguments)
            if isinstance(did, Coroutine):
                await did
        await world.check()
    finally:
        await world.database.close()


def _run(live: Callable[[], Coroutine[Any, Any, None]]) -> None:
    with asyncio.Runner() as runner:
        runner.run(live())


@pytest.mark.parametrize(("engine", "examples"), [("sqlite", 120), ("postgresql", 40)])
def test_rights_equal_a_simple_model(
    engine: str, examples: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server = request.getfixturevalue("postgres_server") if engine == "postgresql" else ""

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def lives(steps: list[tuple[Any, ...]]) -> None:
        async def live() -> None:
            databases = Databases(engine, tmp_path, server)
            try:
                await _live(databases, steps)
            finally:
                await databases.close()

        _run(live)

    SEEN.clear()
    lives()
    assert SEEN["rights"] > 0
    assert SEEN["closed"] > 0
