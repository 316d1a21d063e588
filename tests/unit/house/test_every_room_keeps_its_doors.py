"""The house checks its own doors: an import that the plan forbids makes `make lint` red."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SOURCES = {
    "coworking": "services/coworking/src",
    "incubator": "services/incubator/src",
    "shared_identity": "services/shared-identity/src",
    "portal": "services/portal/src",
    "groupement_cli": "cli/src",
    "servicekit": "libs/servicekit/src",
    "groupement": "protos/gen",
}
SABOTAGES = [
    ("coworking/bookings/usecases.py", "import incubator", "Services never import one another"),
    ("servicekit/refusals.py", "import coworking", "The toolshed knows no service"),
    ("coworking/bookings/domain.py", "import sqlalchemy", "The domain knows no technology"),
    ("incubator/projects/rpc.py", "import sqlalchemy", "Only storage speaks SQL"),
    ("portal/app.py", "import nats", "The portal keeps nothing"),
    ("coworking/places/usecases.py", "import coworking.bookings.usecases", "Slices of the coworking"),
    ("incubator/calls/domain.py", "import incubator.calls.storage", "Rooms of each slice of the incubator"),
    ("coworking/bookings/rpc.py", "import groupement.incubator.v1.project_pb2", "answers only its own contract"),
    ("shared_identity/rooftop.py", '"""A room nobody planned."""', "Slices of shared-identity"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources, to break."""
    folder = tmp_path_factory.mktemp("house")
    for package, source in SOURCES.items():
        shutil.copytree(ROOT / source / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(ROOT / "pyproject.toml", folder / "pyproject.toml")
    return folder


def looked_at(folder: Path) -> subprocess.CompletedProcess[str]:
    """What import-linter says of a copy of the house."""
    linter = Path(sysconfig.get_path("scripts")) / "lint-imports"
    return subprocess.run(
        [sys.executable, linter, "--no-cache", "--config", "pyproject.toml"],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(folder)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_house_as_it_is_keeps_its_doors(copy: Path) -> None:
    seen = looked_at(copy)
    assert seen.returncode == 0, seen.stdout


@pytest.mark.parametrize(("file", "line", "broken"), SABOTAGES, ids=lambda value: value.partition("/")[0])
def test_a_forbidden_import_is_seen(copy: Path, file: str, line: str, broken: str) -> None:
    path = copy / file
    before = path.read_text() if path.exists() else None
    path.write_text(f"{before or ''}\n{line}\n")
    try:
        seen = looked_at(copy)
    finally:
        path.write_text(before) if before is not None else path.unlink()
    assert seen.returncode != 0
    assert [said for said in seen.stdout.splitlines() if broken in said and said.endswith("BROKEN")], seen.stdout
