"""Ten tries in any fifteen minutes, not ten in each quarter of the clock."""

from datetime import timedelta

from identity import NOW
from shared_identity.throttling.domain import PASSWORDS, allows, recent

MINUTE = timedelta(minutes=1)


def test_the_eleventh_try_is_refused() -> None:
    assert allows([NOW] * 9, PASSWORDS)
    assert not allows([NOW] * 10, PASSWORDS)


def test_a_try_counts_for_fifteen_minutes() -> None:
    assert recent([NOW], PASSWORDS, NOW + 15 * MINUTE - timedelta(seconds=1)) == [NOW]
    assert recent([NOW], PASSWORDS, NOW + 15 * MINUTE) == []


def test_a_clock_set_back_does_not_lock_anybody_out_for_longer() -> None:
    counted = recent([NOW + timedelta(days=3)], PASSWORDS, NOW)
    assert recent(counted, PASSWORDS, NOW + 15 * MINUTE) == []
