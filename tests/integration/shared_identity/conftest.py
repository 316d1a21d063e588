"""A running shared-identity on both engines, with people who can sign in."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest_asyncio
from engines import Databases
from identity import CAMILLE, PASSWORD, SAM, SHARED_IDENTITY, quick_passwords, settle
from identity_house import Identity, identity_house
from shared_identity.schema import METADATA


@pytest_asyncio.fixture
async def identity(databases: Databases, tmp_path: Path) -> AsyncIterator[Identity]:
    """shared-identity with Camille and Sam, who have one password."""
    db = await databases.make(METADATA, SHARED_IDENTITY)
    kept = await quick_passwords().hash(PASSWORD)
    await settle(db, *(replace(person, password_hash=kept) for person in (CAMILLE, SAM)))
    async with identity_house(tmp_path, db) as opened:
        yield opened
