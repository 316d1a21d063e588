"""Migrations bring every table up to date, once, however many processes start together."""

import asyncio
import sys
from pathlib import Path

import pytest
from engines import Databases
from servicekit.sql import migrations
from sqlalchemy import Column, MetaData, Table, Text
from stored import METADATA, brighten, levels

LAMPS = Path(__file__).parents[2] / "support" / "lamp_migrations"
BROKEN = '''
"""Fails halfway."""
from alembic import op
revision = "0001"
down_revision = None
def upgrade() -> None:
    op.execute("CREATE TABLE half_done (id TEXT PRIMARY KEY)")
    op.execute("INSERT INTO nowhere VALUES (1)")
'''
DANGLING = '''
"""Leaves a reference to nothing."""
from alembic import op
revision = "0001"
down_revision = None
def upgrade() -> None:
    op.execute("CREATE TABLE house (id TEXT PRIMARY KEY)")
    op.execute("CREATE TABLE door (house TEXT REFERENCES house (id))")
    op.execute("INSERT INTO door VALUES ('nowhere')")
'''


async def test_all_that_is_missing_runs_in_order_and_only_once(databases: Databases) -> None:
    url = await databases.url()
    assert await migrations.pending(url, LAMPS) == ["0001", "0002"]
    assert await migrations.upgrade(url, LAMPS, METADATA) == ["0001", "0002"]
    assert await migrations.pending(url, LAMPS) == []
    assert await migrations.upgrade(url, LAMPS, METADATA) == []
    assert await levels(databases.again(url)) == {"lamp_1": 1}


async def test_the_migrated_database_is_the_one_the_code_knows(databases: Databases) -> None:
    url = await databases.url()
    await migrations.upgrade(url, LAMPS)
    assert await migrations.differences(url, METADATA) == []
    async with databases.again(url).work() as work:
        await brighten(work)


async def test_a_table_nobody_migrated_is_a_difference(databases: Databases) -> None:
    url = await databases.url()
    await migrations.upgrade(url, LAMPS)
    wider = MetaData()
    for table in METADATA.sorted_tables:
        table.to_metadata(wider)
    Table("forgotten", wider, Column("id", Text, primary_key=True))
    assert [change[0] for change in await migrations.differences(url, wider)] == ["add_table"]


async def test_processes_that_start_together_migrate_once(databases: Databases) -> None:
    url = await databases.url()
    program = (
        "import asyncio, sys\n"
        "from servicekit.sql import migrations\n"
        "print(*asyncio.run(migrations.upgrade(sys.argv[1], sys.argv[2])))\n"
    )

    async def start() -> str:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, url, str(LAMPS), stdout=asyncio.subprocess.PIPE
        )
        printed, _ = await asyncio.wait_for(process.communicate(), timeout=60)
        assert process.returncode == 0
        return printed.decode().strip()

    assert sorted(await asyncio.gather(start(), start(), start())) == ["", "", "0001 0002"]
    assert await levels(databases.again(url)) == {"lamp_1": 1}


async def test_a_migration_that_fails_leaves_nothing_behind(databases: Databases, tmp_path: Path) -> None:
    url = await databases.url()
    with pytest.raises(Exception, match="nowhere"):
        await migrations.upgrade(url, _script(tmp_path, BROKEN))
    assert await migrations.pending(url, tmp_path) == ["0001"]
    assert await migrations.upgrade(url, LAMPS) == ["0001", "0002"]
    left = [change for change in await migrations.differences(url, METADATA) if change[0] == "remove_table"]
    assert left == []


async def test_a_migration_may_not_leave_a_reference_to_nothing(databases: Databases, tmp_path: Path) -> None:
    url = await databases.url()
    with pytest.raises(Exception, match=r"(?i)door"):
        await migrations.upgrade(url, _script(tmp_path, DANGLING))
    assert await migrations.pending(url, tmp_path) == ["0001"]


def _script(folder: Path, text: str) -> Path:
    (folder / "versions").mkdir()
    (folder / "versions" / "0001_one.py").write_text(text)
    return folder
