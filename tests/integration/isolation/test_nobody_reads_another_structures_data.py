"""Whatever is called by whomever, in whatever order: no answer tells a structure what belongs to another.

Three structures, each with an incubator and a coworking, share one identity; everybody knocks at every door with what
they saw so far. Every private text and identifier says whose it is, and every answer is read for them.
"""

from pathlib import Path

import pytest
from border import PUBLIC
from contracts import Rpc, every_rpc
from google.protobuf import descriptor_pb2, descriptor_pool
from prowl import Prowl, prowling, rule_name
from recipes import NoStrategy, requests
from trespass import never_answered, table

_MOST_ROUNDS = 10
"""Rounds go on until every RPC and every shared field was answered once: the rarest depend on who came when."""

RARE = {"CheckInService.CheckInByCard"}
"""Asked at each visit like the others, but answered OK only to whoever holds a card and a booking of this half hour."""


def test_nobody_reads_another_structures_data(prowl: Prowl, capsys: pytest.CaptureFixture[str]) -> None:
    prowl.trespass.counts.clear()

    for further in range(_MOST_ROUNDS):
        prowl.around(times=14, steps=20 + further)
        if (
            not set(never_answered(prowl.trespass.counts, every_rpc())) - RARE
            and PUBLIC.keys() <= prowl.trespass.border.used
        ):
            break

    with capsys.disabled():
        print(f"\n{table(prowl.trespass.counts)}")
    assert set(never_answered(prowl.trespass.counts, every_rpc())) <= RARE
    assert PUBLIC.keys() - prowl.trespass.border.used == set(), "said to be shared, and never seen to be"


def test_nobody_reads_another_structures_data_on_postgresql(
    tmp_path: Path, postgres_server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with prowling(tmp_path, "postgresql", postgres_server) as prowl:
        prowl.around(times=3, steps=8)

        with capsys.disabled():
            print(f"\nPostgreSQL: {table(prowl.trespass.counts).splitlines()[-1]}")
        assert len(prowl.trespass.counts) == len(every_rpc())


def test_every_rpc_of_the_contract_has_its_rule(prowl: Prowl) -> None:
    rules = {name for name in dir(prowl.machine()) if not name.startswith("_")}

    assert [rpc.name for rpc in every_rpc() if rule_name(rpc) not in rules] == []


def test_an_rpc_nobody_serves_has_no_rule(prowl: Prowl) -> None:
    served = prowl.trespass.served
    prowl.trespass.served = {name: where for name, where in served.items() if not name.endswith("PostService")}
    try:
        assert {rule_name(rpc) for rpc in every_rpc()} - prowl.visits().keys() == {"PostService_ListPosts"}
    finally:
        prowl.trespass.served = served


def test_a_field_nobody_knows_how_to_fill_in_is_noticed() -> None:
    with pytest.raises(NoStrategy, match="diary"):
        requests(_an_rpc_that_asks("diary"))


def _an_rpc_that_asks(field: str) -> Rpc:
    """An RPC of a contract yet to come, whose request has a text field of that name."""
    file = descriptor_pb2.FileDescriptorProto(name=f"to_come_{field}.proto", package="to.come", syntax="proto3")
    asked = file.message_type.add(name="Asked")
    asked.field.add(name=field, number=1, label="LABEL_OPTIONAL", type="TYPE_STRING")
    service = file.service.add(name="DiaryService")
    service.method.add(name="Read", input_type=".to.come.Asked", output_type=".to.come.Asked")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return Rpc(pool.FindServiceByName("to.come.DiaryService").methods_by_name["Read"])
