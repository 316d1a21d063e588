"""Two devices that saw different things agree once both are heard: the last scan holds, whenever it arrived."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from shared_identity.attendance.domain import Kept, Outcome, ScanKind, counts_at, display_name, is_in, outcome
from shared_identity.attendance.folding import Presence

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
PEOPLE, DOORS = ("registration_a", "registration_b"), ("", "session_1")


@st.composite
def logs(draw: st.DrawFn) -> list[Kept]:
    """What devices saw: many scans of few people, often at the same instant."""
    made = []
    for number in range(draw(st.integers(0, 12))):
        said_at = NOW + timedelta(minutes=draw(st.integers(-3, 12)))
        made.append(
            Kept(
                scan_id=f"scan_{draw(st.integers(0, 0xFFF)):03x}{number:02x}",
                session_id=draw(st.sampled_from(DOORS)),
                registration_id=draw(st.sampled_from(PEOPLE)),
                kind=draw(st.sampled_from(ScanKind)),
                at=counts_at(said_at, NOW),
                said_at=said_at,
                outcome=Outcome.UNDONE,
            )
        )
    return made


def who_is_in(seen: list[Kept]) -> set[tuple[str, str]]:
    return {
        (person, door)
        for person in PEOPLE
        for door in DOORS
        if is_in(kept for kept in seen if (kept.registration_id, kept.session_id) == (person, door))
    }


def by_arrival(seen: list[Kept]) -> set[tuple[str, str]]:
    """A wrong fold, to compare with: what arrived last holds."""
    last = {(kept.registration_id, kept.session_id): kept.kind for kept in seen}
    return {key for key, kind in last.items() if kind is ScanKind.IN}


@settings(max_examples=100, deadline=None)
@given(logs().flatmap(lambda log: st.tuples(st.just(log), st.permutations(log))))
def test_any_order_of_arrival_makes_the_same_presence(drawn: tuple[list[Kept], list[Kept]]) -> None:
    log, shuffled = drawn
    assert who_is_in(log) == who_is_in(shuffled)


@settings(max_examples=100, deadline=None)
@given(logs())
def test_what_is_sent_twice_counts_once(log: list[Kept]) -> None:
    assert who_is_in(log + log[::-1]) == who_is_in(log)


@settings(max_examples=100, deadline=None)
@given(logs().flatmap(st.permutations))
def test_the_last_answer_at_each_door_says_who_is_in(log: list[Kept]) -> None:
    presence = Presence(())
    answers = {(kept.registration_id, kept.session_id): presence.take(kept).outcome for kept in log}
    assert {key for key, said in answers.items() if said is not Outcome.UNDONE} == who_is_in(log)


def test_control_a_fold_by_arrival_depends_on_it() -> None:
    came = Kept(scan_id="scan_1", registration_id=PEOPLE[0], kind=ScanKind.IN, at=NOW, said_at=NOW, outcome=Outcome.IN)
    later = NOW + timedelta(minutes=1)
    undone = Kept(
        scan_id="scan_2", registration_id=PEOPLE[0], kind=ScanKind.UNDO, at=later, said_at=later, outcome=Outcome.IN
    )
    assert by_arrival([came, undone]) != by_arrival([undone, came])
    assert who_is_in([came, undone]) == who_is_in([undone, came]) == set()


def test_a_clock_that_runs_ahead_does_not_outweigh_the_others() -> None:
    assert counts_at(NOW + timedelta(days=400), NOW) == NOW
    assert counts_at(NOW + timedelta(minutes=4), NOW) == NOW + timedelta(minutes=4)
    assert counts_at(NOW - timedelta(hours=3), NOW) == NOW - timedelta(hours=3)


def test_scans_of_one_device_whose_clock_runs_ahead_keep_their_order() -> None:
    year = timedelta(days=365)
    came = Kept(scan_id="scan_f", kind=ScanKind.IN, at=NOW, said_at=NOW + year, outcome=Outcome.IN)
    left = Kept(
        scan_id="scan_0", kind=ScanKind.UNDO, at=NOW, said_at=NOW + year + timedelta(seconds=1), outcome=Outcome.IN
    )
    assert not is_in([left, came])


def test_each_scan_is_told_what_became_of_it() -> None:
    assert outcome(ScanKind.IN, was_in=False, now_in=True) is Outcome.IN
    assert outcome(ScanKind.IN, was_in=True, now_in=True) is Outcome.ALREADY_IN
    assert outcome(ScanKind.UNDO, was_in=True, now_in=False) is Outcome.UNDONE
    assert outcome(ScanKind.IN, was_in=False, now_in=False) is Outcome.UNDONE
    assert outcome(ScanKind.UNDO, was_in=True, now_in=True) is Outcome.ALREADY_IN


def test_a_door_reads_a_first_name_and_an_initial() -> None:
    assert display_name("Camille", "fictive") == "Camille F."
    assert display_name("Camille", "") == "Camille"
