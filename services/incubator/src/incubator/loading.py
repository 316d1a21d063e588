"""Loads what an incubator begins with, through its own use cases; what is there already stays as it is."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypeVar

from servicekit.fields import FieldOutOfRange, one_line, paragraphs
from servicekit.refusals import NotFound, Refusal
from servicekit.rpc.staff_service import grant
from servicekit.sql import Work

from incubator.calendar import Calendar
from incubator.calls import usecases as calls
from incubator.calls.domain import ApplicationWish
from incubator.installation import (
    ApplicationEntry,
    CohortEntry,
    Installation,
    InstallationRefused,
    ProgrammeEntry,
    ProjectEntry,
    StaffEntry,
)
from incubator.programmes import usecases as programmes
from incubator.programmes.domain import CohortWish, ProgrammeWish
from incubator.projects import usecases as projects
from incubator.projects.domain import Exit, Person, ProjectWish
from incubator.projects.wire import exit_reason

_E = TypeVar("_E")
_OFFICE_OPENS = time(9)


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """How many things of each kind a load brought in; staff are counted whether or not they were there."""

    staff: int
    programmes: int
    cohorts: int
    projects: int
    applications: int


async def load(work: Work, installation: Installation, calendar: Calendar) -> Loaded:
    """Brings in what is not there yet; raises InstallationRefused, and then nothing is."""
    loader = _Loader(work, calendar)
    return Loaded(
        staff=await _each("staff", installation.staff, loader.staff),
        programmes=await _each("programmes", installation.programmes, loader.programme),
        cohorts=await _each("cohorts", installation.cohorts, loader.cohort),
        projects=await _each("projects", installation.projects, loader.project),
        applications=await _each("applications", installation.applications, loader.application),
    )


class _Loader:
    """One load, in one transaction; each method says whether it brought something in."""

    def __init__(self, work: Work, calendar: Calendar) -> None:
        self._work = work
        self._calendar = calendar

    async def staff(self, entry: StaffEntry) -> bool:
        await grant(self._work, entry.person_id, entry.role, now=self._calendar.now())
        return True

    async def programme(self, entry: ProgrammeEntry) -> bool:
        if await _is_there(programmes.programme(self._work, entry.programme_id)):
            return False
        wish = ProgrammeWish(
            name=one_line(entry.name),
            description=paragraphs(entry.description),
            duration_months=entry.duration_months,
            stage_names=[one_line(name) for name in entry.stages],
        )
        await programmes.create_programme(self._work, wish, programme_id=entry.programme_id)
        return True

    async def cohort(self, entry: CohortEntry) -> bool:
        if await _is_there(programmes.cohort(self._work, entry.cohort_id)):
            return False
        wish = CohortWish(
            programme_id=entry.programme_id,
            name=one_line(entry.name),
            starts_on=entry.first_day,
            ends_on=entry.last_day,
            capacity=entry.capacity,
        )
        await programmes.open_cohort(self._work, wish, cohort_id=entry.cohort_id)
        return True

    async def project(self, entry: ProjectEntry) -> bool:
        if await _is_there(projects.project(self._work, entry.project_id)):
            return False
        await projects.begin(
            self._work,
            _project_wish(entry),
            project_id=entry.project_id,
            now=self._morning_of(entry.admitted),
            today=entry.admitted,
        )
        await self._to_its_stage(entry)
        await self._to_its_exit(entry)
        return True

    async def application(self, entry: ApplicationEntry) -> bool:
        if await _is_there(calls.application(self._work, entry.application_id)):
            return False
        await calls.send(
            self._work,
            _application_wish(entry),
            application_id=entry.application_id,
            person_id=entry.person_id,
            now=self._morning_of(entry.sent),
        )
        return True

    async def _to_its_stage(self, entry: ProjectEntry) -> None:
        cohort = await programmes.cohort(self._work, entry.cohort_id)
        path = (await programmes.programme(self._work, cohort.programme_id)).stages
        if entry.stage > len(path):
            raise FieldOutOfRange(field="stage", least="1", most=str(len(path)))
        since = self._morning_of(entry.stage_since or entry.admitted)
        await projects.move(self._work, entry.project_id, path[entry.stage - 1].stage_id, etag="", now=since)

    async def _to_its_exit(self, entry: ProjectEntry) -> None:
        if entry.exit is None:
            return
        leaving = Exit(reason=exit_reason(entry.exit.reason), on=entry.exit.day)
        now = self._calendar.now()
        today = self._calendar.day_of(now)
        await projects.leave(self._work, entry.project_id, leaving, etag="", now=now, today=today)

    def _morning_of(self, day: date) -> datetime:
        return datetime.combine(day, _OFFICE_OPENS, tzinfo=self._calendar.zone)


def _project_wish(entry: ProjectEntry) -> ProjectWish:
    return ProjectWish(
        cohort_id=entry.cohort_id,
        name=one_line(entry.name),
        pitch=paragraphs(entry.pitch),
        people=[Person(person_id=h.person_id, name=one_line(h.name), email=h.email) for h in entry.holders],
    )


def _application_wish(entry: ApplicationEntry) -> ApplicationWish:
    return ApplicationWish(
        programme_id=entry.programme_id,
        applicant_name=one_line(entry.applicant_name),
        email=entry.email,
        phone=entry.phone,
        project_name=one_line(entry.project_name),
        pitch=paragraphs(entry.pitch),
    )


async def _each(name: str, entries: Sequence[_E], bring_in: Callable[[_E], Awaitable[bool]]) -> int:
    """How many of the entries were brought in; a refusal says which entry it was about."""
    brought = 0
    for position, entry in enumerate(entries):
        try:
            brought += await bring_in(entry)
        except Refusal as refusal:
            where = f"{name}.{position}" + (f".{refusal.field}" if refusal.field else "")
            raise InstallationRefused(f"{where}: {refusal.message} ({refusal.reason})") from refusal
    return brought


async def _is_there(lookup: Awaitable[object]) -> bool:
    try:
        await lookup
    except NotFound:
        return False
    return True
