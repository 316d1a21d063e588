"""The limit of a command: the same statements, parameters ready, straight on the driver in one transaction.

A script is what one command sent to its database, taken down while it ran once. Playing it decides nothing, builds
nothing and reads no row into a value.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import aiosqlite
import asyncpg
from servicekit.sql import Database
from servicekit.sql.plans import Filled, Outcome, Plan
from servicekit.sql.postgres import joined
from sqlalchemy import make_url

Script = Sequence[Filled]
_PRAGMAS = ("foreign_keys=ON", "synchronous=FULL", "trusted_schema=OFF", "journal_mode=WAL")
_SERVER_SETTINGS = {"timezone": "UTC", "jit": "off", "lock_timeout": "5000", "statement_timeout": "30000"}


class Stenographer:
    """Stands between a work and its driver, and takes down what passes."""

    def __init__(self, driver: Any, dialect: str) -> None:
        self.script: list[Filled] = []
        self._driver = driver
        self._dialect = dialect

    def __getattr__(self, name: str) -> Any:
        return getattr(self._driver, name)

    async def run(self, statement: Filled, plan: Plan, before: Sequence[Filled] = ()) -> Outcome:
        """Notes a statement, after those that waited for it, and runs it."""
        self._note(before)
        self.script.append(statement)
        outcome: Outcome = await self._driver.run(statement, plan, before)
        return outcome

    async def flush(self, statements: Sequence[Filled]) -> None:
        """Notes statements that waited and runs them."""
        self._note(statements)
        await self._driver.flush(statements)

    async def finish(self, statements: Sequence[Filled]) -> Any:
        """Notes the last statements and commits."""
        self._note(statements)
        return await self._driver.finish(statements)

    def _note(self, statements: Sequence[Filled]) -> None:
        """Takes statements down as they are sent: PostgreSQL gets those that it can take as one as one."""
        self.script.extend(statements if self._dialect == "sqlite" else joined(statements))


async def taken_down(database: Database, command: Any) -> Script:
    """What a command sends to its database, run once on a database of its own."""
    async with database.work() as work:
        link = work.link
    plain = link._driver
    link._driver = stenographer = Stenographer(plain, database.dialect)
    try:
        await command()
    finally:
        link._driver = plain
    return stenographer.script


class Player(Protocol):
    """A connection that plays scripts."""

    async def play(self, script: Script) -> None:
        """One transaction."""

    async def close(self) -> None:
        """Hangs up."""


class Sqlite:
    """aiosqlite, one visit to its thread for each statement: the fewest its interface allows."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def play(self, script: Script) -> None:
        """BEGIN IMMEDIATE, the statements, COMMIT."""
        connection = self._connection
        await connection.execute("BEGIN IMMEDIATE")
        for text, parameters, many, _ in script:
            if many:
                await connection.executemany(text, parameters)
            else:
                await connection.execute_fetchall(text, parameters)
        await connection.commit()

    async def close(self) -> None:
        """Hangs up."""
        await self._connection.close()


class OneVisitSqlite:
    """sqlite3 in a thread, the whole transaction in one visit: below what any code that must decide can do."""

    def __init__(self, file: str) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        for pragma in _PRAGMAS:
            self._connection.execute(f"PRAGMA {pragma}")

    async def play(self, script: Script) -> None:
        """The same, in one visit."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._play, script)

    def _play(self, script: Script) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        for text, parameters, many, _ in script:
            if many:
                self._connection.executemany(text, parameters)
            else:
                self._connection.execute(text, parameters).fetchall()
        self._connection.commit()

    async def close(self) -> None:
        """Hangs up."""
        self._thread.shutdown()
        self._connection.close()


class Postgres:
    """asyncpg, each statement prepared once by its own cache."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def play(self, script: Script) -> None:
        """BEGIN, the statements, COMMIT."""
        async with self._connection.transaction():
            for text, parameters, many, _ in script:
                if many:
                    await self._connection.executemany(text, parameters)
                else:
                    await self._connection.fetch(text, *parameters)

    async def close(self) -> None:
        """Hangs up."""
        await self._connection.close()


async def connected(url: str) -> Sqlite | Postgres:
    """A connection with the settings our own have."""
    address = make_url(url)
    if address.drivername.startswith("sqlite"):
        connection = await aiosqlite.connect(str(address.database), isolation_level=None)
        for pragma in _PRAGMAS:
            await connection.execute(f"PRAGMA {pragma}")
        return Sqlite(connection)
    plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
    return Postgres(await asyncpg.connect(plain, server_settings=_SERVER_SETTINGS))
