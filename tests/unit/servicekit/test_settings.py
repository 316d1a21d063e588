"""Settings: what is missing or wrong is said in one line that names the variable and hides its value."""

from pathlib import Path

import pytest
from servicekit.origin import Origin
from servicekit.settings import InstanceSettings, SettingRefused

PASSWORD = "correct-horse"


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in ("ca", "cert", "key"):
        (tmp_path / name).write_text(name)
        monkeypatch.setenv(f"GROUPEMENT_TLS_{name.upper()}", str(tmp_path / name))
    monkeypatch.setenv("GROUPEMENT_STRUCTURE", "la-place")
    monkeypatch.setenv("GROUPEMENT_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/database.sqlite3")
    monkeypatch.setenv("GROUPEMENT_JWKS_FILE", str(tmp_path / "jwks.json"))
    monkeypatch.setenv("GROUPEMENT_ISSUER", "https://identity.example")
    return tmp_path


def refused() -> str:
    with pytest.raises(SettingRefused) as caught:
        InstanceSettings.read("coworking")
    line = str(caught.value)
    assert "\n" not in line
    return line


def test_an_instance_is_its_structure_and_the_kind_its_program_gives(surroundings: Path) -> None:
    settings = InstanceSettings.read("coworking")
    assert settings.origin == Origin(structure="la-place", kind="coworking")
    assert settings.tls.key == surroundings / "key"
    assert (settings.listen, settings.metrics_listen, settings.log_level) == ("127.0.0.1:0", "127.0.0.1:0", "INFO")


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GROUPEMENT_STRUCTURE")
    monkeypatch.delenv("GROUPEMENT_ISSUER")
    assert refused() == "GROUPEMENT_STRUCTURE: is not set; GROUPEMENT_ISSUER: is not set"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LISTEN", "somewhere"),
        ("LISTEN", "127.0.0.1:70000"),
        ("DATABASE_URL", f"mysql://root:{PASSWORD}@db"),
        ("TLS_KEY", f"/nowhere/{PASSWORD}"),
        ("STRUCTURE", "La Place"),
        ("LOG_LEVEL", "LOUD"),
        ("BUS_URL", "tls://127.0.0.1:4222"),
    ],
)
def test_what_is_wrong_is_named_and_its_value_kept_quiet(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"GROUPEMENT_{name}", value)
    line = refused()
    assert f"GROUPEMENT_{name}" in line
    assert PASSWORD not in line


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, surroundings: Path) -> None:
    secret = surroundings / "secret"
    secret.write_text("postgresql+asyncpg://coworking@db/la-place\n")
    monkeypatch.delenv("GROUPEMENT_DATABASE_URL")
    monkeypatch.setenv("GROUPEMENT_DATABASE_URL_FILE", str(secret))
    assert InstanceSettings.read("coworking").database_url == "postgresql+asyncpg://coworking@db/la-place"
    secret.unlink()
    assert refused() == "GROUPEMENT_DATABASE_URL_FILE: cannot be read (FileNotFoundError)"
