"""Statements run straight on the driver give what SQLAlchemy's own execution gives."""

import pytest
from engines import Databases
from servicekit.sql import Database, insert, insert_if_absent
from sqlalchemy import (
    Column,
    Executable,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    bindparam,
    case,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from stored import AT, METADATA, add_lamp, lamp, levels

NAMES = ["a", "b", "c"]


@pytest.fixture
async def lamps(house: Database) -> Database:
    async with house.work() as work:
        rows = [{"id": name, "level": number, "lit_at": AT} for number, name in enumerate(NAMES)]
        await work.execute(lamp.insert(), rows)
    return house


_other = lamp.alias("other")
SELECTS: list[Executable] = [
    select(lamp).order_by(lamp.c.id),
    select(lamp.c.id).where(lamp.c.level > 0).order_by(lamp.c.id),
    select(lamp.c.id, lamp.c.level).where(lamp.c.id.in_(["a", "c", "nowhere"])).order_by(lamp.c.id),
    select(lamp.c.id).where(lamp.c.id.in_([])),
    select(func.count().label("lamps"), func.max(lamp.c.lit_at)).select_from(lamp),
    select(lamp.c.level * 2 + 1, lamp.c.id.concat("!")).order_by(lamp.c.id),
    select(case((lamp.c.level > 0, "on"), else_="off").label("state")).order_by(lamp.c.id).limit(2).offset(1),
    select(lamp, _other).join(_other, _other.c.level > lamp.c.level).order_by(lamp.c.id, _other.c.id),
    select(lamp.c.id).where(lamp.c.level == 0).union_all(select(lamp.c.id).where(lamp.c.level == 1)).order_by("id"),
    select(func.sum(lamp.c.level).cast(Numeric(10, 2))),
    select(func.avg(lamp.c.level)),
    text("SELECT id, level FROM lamp ORDER BY id"),
]


@pytest.mark.parametrize("number", range(len(SELECTS)))
async def test_a_select(lamps: Database, number: int) -> None:
    statement = SELECTS[number]
    async with lamps.reading() as work:
        for _ in range(2):
            ours = await work.execute(statement)
            theirs = await work.connection.execute(statement)
            assert list(ours.keys()) == list(theirs.keys())
            assert ours.all() == theirs.all()


async def test_one_statement_with_other_values_each_time(lamps: Database) -> None:
    async with lamps.reading() as work:
        for level in (1, 0, 2, 1):
            found = await work.execute(select(lamp.c.id).where(lamp.c.level == level, lamp.c.id != "lamp_1"))
            assert found.scalar_one() == NAMES[level]
        for some in (["a"], ["a", "b", "c"], [], ["b"]):
            statement = select(lamp.c.id).where(lamp.c.id.in_(bindparam("some", expanding=True))).order_by(lamp.c.id)
            assert list((await work.execute(statement, {"some": some})).scalars()) == some


async def test_rows_are_read_by_name_by_place_and_by_column(lamps: Database) -> None:
    async with lamps.reading() as work:
        row = (await work.execute(select(lamp).where(lamp.c.id == "b"))).one()
    assert (row.id, row[1], row._mapping[lamp.c.lit_at], row._mapping["level"]) == ("b", 1, AT, 1)


async def test_one_row_means_one(lamps: Database) -> None:
    async with lamps.reading() as work:
        with pytest.raises(SQLAlchemyError):
            (await work.execute(select(lamp))).one()
        assert (await work.execute(select(lamp).where(lamp.c.id == "nowhere"))).first() is None
        assert (await work.execute(select(lamp.c.level).where(lamp.c.id == "nowhere"))).scalar_one_or_none() is None


async def test_how_many_rows_were_touched(lamps: Database) -> None:
    async with lamps.work() as work:
        assert (await work.execute(update(lamp).where(lamp.c.id.in_(["a", "b"])).values(level=9))).rowcount == 2
        assert (await work.execute(update(lamp).where(lamp.c.id == "nowhere").values(level=9))).rowcount == 0
        assert (await work.execute(delete(lamp).where(lamp.c.level == 9))).rowcount == 2
        assert (await work.execute(lamp.insert(), {"id": "d", "level": 1})).rowcount == 1


async def test_what_was_changed_is_returned(lamps: Database) -> None:
    async with lamps.work() as work:
        raised = update(lamp).where(lamp.c.id == "b").values(level=lamp.c.level + 5).returning(lamp.c.id, lamp.c.level)
        assert (await work.execute(raised)).all() == [("b", 6)]
        added = lamp.insert().returning(lamp.c.id)
        rows = [{"id": f"new_{number:03}", "level": number} for number in range(250)]
        assert sorted((await work.execute(added, rows)).scalars()) == [row["id"] for row in rows]
        assert (await work.execute(delete(lamp).where(lamp.c.id == "c").returning(lamp.c.level))).scalar_one() == 2


async def test_an_upsert(lamps: Database) -> None:
    wanted = insert(lamp)
    upsert = wanted.on_conflict_do_update(index_elements=["id"], set_={"level": wanted.excluded.level})
    async with lamps.work() as work:
        await work.execute(upsert, [{"id": "a", "level": 7}, {"id": "z", "level": 8}])
    after = await levels(lamps)
    assert (after["a"], after["z"], after["b"]) == (7, 8, 1)


async def test_for_an_empty_list_of_rows_nothing_is_run(lamps: Database) -> None:
    before = await levels(lamps)
    async with lamps.work() as work:
        assert (await work.execute(lamp.insert(), [])).rowcount == 0
        assert (await work.execute(delete(lamp), [])).rowcount == 0
    assert await levels(lamps) == before


async def test_what_is_there_already_is_not_inserted(lamps: Database) -> None:
    async with lamps.work() as work:
        assert await insert_if_absent(work, lamp, {"id": "a", "level": 9}) == []
        assert await insert_if_absent(work, lamp, {"id": "d", "level": 9}) == [("d",)]
        rows = [{"id": name, "level": 9} for name in ("a", "e", "f")]
        assert sorted(await insert_if_absent(work, lamp, rows, returning=[lamp.c.id, lamp.c.level])) == [
            ("e", 9),
            ("f", 9),
        ]
        assert await insert_if_absent(work, lamp, []) == []
    assert (await levels(lamps))["a"] == 0


async def test_defaults_computed_in_python_are_computed(databases: Databases) -> None:
    metadata = MetaData()
    numbers = iter(range(100))
    counted = Table(
        "counted",
        metadata,
        Column("id", Text, primary_key=True),
        Column("turn", Integer, default=lambda: next(numbers)),
    )
    database = await databases.make(metadata)
    async with database.work() as work:
        await work.execute(counted.insert(), {"id": "a"})
        await work.execute(counted.insert(), [{"id": "b"}, {"id": "c"}])
        assert list((await work.execute(select(counted.c.turn).order_by(counted.c.id))).scalars()) == [0, 1, 2]


async def test_tables_may_be_made_in_a_work(lamps: Database) -> None:
    extra = Table("extra", MetaData(), Column("id", Integer, primary_key=True))
    async with lamps.work() as work:
        await work.connection.run_sync(extra.create)
        await work.execute(extra.insert(), [{"id": 1}, {"id": 2}])
        await work.execute(text("INSERT INTO extra VALUES (:id)"), {"id": 3})
        assert (await work.execute(select(func.count()).select_from(extra))).scalar_one() == 3


async def test_a_constraint_broken_is_the_error_everyone_knows(lamps: Database) -> None:
    with pytest.raises(IntegrityError):
        async with lamps.work() as work:
            await add_lamp(work, "a")
    with pytest.raises(IntegrityError):
        async with lamps.work() as work:
            await work.execute(lamp.insert(), [{"id": "x", "level": 1}, {"id": "a", "level": 1}])


async def test_a_table_altered_meanwhile_is_read_as_it_is_now(databases: Databases) -> None:
    url = await databases.url(METADATA)
    one, other = databases.again(url), databases.again(url)
    statement = text("SELECT * FROM lamp")
    async with one.work() as work:
        await add_lamp(work)
        await work.execute(select(lamp))
    async with other.work() as work:
        await work.execute(text("ALTER TABLE lamp ADD COLUMN colour TEXT"))
    for _ in range(2):
        async with one.work() as work:
            assert len((await work.execute(select(lamp))).one()) == 3
            assert len((await work.execute(statement)).one()) == 4
