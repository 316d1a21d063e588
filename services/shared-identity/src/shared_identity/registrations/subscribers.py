"""The back door: what time does to registrations."""

from collections.abc import Mapping

from servicekit.clock import Clock
from servicekit.sql import Due, Work
from servicekit.sql.sweeper import Handler

from shared_identity.joint_events.usecases import REGISTRANTS_FORGOTTEN
from shared_identity.registrations import changing, closing, holding, organising
from shared_identity.registrations.office import Office
from shared_identity.registrations.registering import NEEDS_FORGOTTEN
from shared_identity.registrations.serving import HOLD_EXPIRED, OFFER_EXPIRED
from shared_identity.seats.usecases import ALLOCATION_RELEASED


class Sweep:
    """Does what is due: seats go back, those who wait are served, needs are forgotten."""

    def __init__(self, office: Office, clock: Clock) -> None:
        self._office = office
        self._clock = clock

    async def lapse(self, work: Work, due: Due) -> None:
        """A seat was kept, or offered, for long enough."""
        await holding.lapse(work, self._office, due.key, now=self._clock())

    async def release(self, work: Work, due: Due) -> None:
        """An allocation goes back to everybody."""
        await organising.release(work, self._office, due.key, now=self._clock())

    async def call_off(self, work: Work, due: Due) -> None:
        """An event will not take place."""
        await closing.call_off(work, self._office, due.key, due.payload, now=self._clock())

    async def tell_change(self, work: Work, due: Due) -> None:
        """An event takes place at another time or place."""
        await changing.tell(work, due.payload.get("event_id", due.key), due.payload, now=self._clock())

    async def forget_registrants(self, work: Work, due: Due) -> None:
        """What people were told of how long their registration is kept comes true."""
        await closing.forget_registrants(work, due.key, now=self._clock())

    async def forget_needs(self, work: Work, due: Due) -> None:
        """An event has been over for a week."""
        await closing.forget_needs(work, due.key, now=self._clock())


def due_handlers(office: Office, clock: Clock) -> Mapping[str, Handler]:
    """What registrations put off until later."""
    sweep = Sweep(office, clock)
    return {
        HOLD_EXPIRED: sweep.lapse,
        OFFER_EXPIRED: sweep.lapse,
        ALLOCATION_RELEASED: sweep.release,
        closing.EVENT_CANCELLED: sweep.call_off,
        changing.EVENT_CHANGED: sweep.tell_change,
        changing.CHANGE_TOLD: sweep.tell_change,
        NEEDS_FORGOTTEN: sweep.forget_needs,
        REGISTRANTS_FORGOTTEN: sweep.forget_registrants,
    }
