"""A house of three structures to prowl around in; its loop stands still between two tests."""

from collections.abc import Iterator

import pytest
from prowl import Prowl, prowling


@pytest.fixture(scope="module")
def prowl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prowl]:
    """The house on SQLite, facts delivered between its instances by a real broker."""
    with prowling(tmp_path_factory.mktemp("isolation")) as opened:
        yield opened
