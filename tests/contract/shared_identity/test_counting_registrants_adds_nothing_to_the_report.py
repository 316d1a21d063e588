"""Who others' registrants say they are is told in one place: two that hide different numbers would give them away."""

from evening import Hall, prepare
from gathering import EVENT, SECOND
from servicekit.sql import Database
from shared_identity.registrations import organising, wire
from shared_identity.registrations.domain import Profile

COMING = {Profile.CITIZEN: 6, Profile.ASSOCIATION: 7, Profile.COMPANY: 2}


async def test_an_organiser_counts_the_profiles_of_its_own_only(identity_db: Database) -> None:
    await prepare(identity_db, size=20)
    hall = Hall(database=identity_db)
    for profile, many in COMING.items():
        for number in range(many):
            await hall.register(f"{profile.lower()}{number}@demo.example", profile=profile)
    async with identity_db.reading() as work:
        counts = await organising.counts(work, EVENT, SECOND)
    told = wire.counts_message(counts, await hall.seats())
    assert [(row.own, row.total) for row in told.profiles] == [(0, -1)] * len(Profile)
    assert [(row.own, row.total) for row in told.states] == [(0, 15)]
