"""What the surroundings say is taken whole or refused in one line that names the variable."""

import base64
import secrets
from pathlib import Path

import pytest
from portal.config import read_settings
from servicekit.origin import Origin
from servicekit.settings import SettingRefused


@pytest.fixture
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("ca.pem", "portal.pem", "portal.key"):
        (tmp_path / name).write_text("x")
    (tmp_path / "cookie.key").write_bytes(base64.b64encode(secrets.token_bytes(32)))
    values = {
        "PORTAL_URL": "https://portail.example/",
        "ISSUER": "https://identite.example",
        "OIDC_MTLS_URL": "https://127.0.0.1:7443",
        "INSTANCES": "shared-identity@groupement=127.0.0.1:7001, coworking@la-ruche=127.0.0.1:7003",
        "TLS_CA": str(tmp_path / "ca.pem"),
        "TLS_CERT": str(tmp_path / "portal.pem"),
        "TLS_KEY": str(tmp_path / "portal.key"),
        "COOKIE_KEY_FILE": str(tmp_path / "cookie.key"),
    }
    for name, value in values.items():
        monkeypatch.setenv(f"GROUPEMENT_{name}", value)
    return tmp_path


@pytest.mark.usefixtures("surroundings")
def test_only_the_proxies_named_are_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings().proxies == ()
    monkeypatch.setenv("GROUPEMENT_PORTAL_PROXIES", "192.0.2.1, 10.0.0.0/8")
    assert read_settings().proxies == ("192.0.2.1", "10.0.0.0/8")


@pytest.mark.usefixtures("surroundings")
def test_instances_are_read_with_their_addresses() -> None:
    settings = read_settings()
    assert settings.instances[Origin.parse("coworking@la-ruche")] == "127.0.0.1:7003"
    assert settings.structures == ("la-ruche",)
    assert settings.url == "https://portail.example"
    assert settings.secure


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORTAL_URL", "portail.example"),
        ("ISSUER", "ftp://x"),
        ("INSTANCES", "coworking@la-ruche=127.0.0.1:1"),
        ("INSTANCES", "shared-identity@groupement"),
        ("INSTANCES", "shared-identity=127.0.0.1:1"),
        ("TLS_CA", "/nowhere"),
        ("PORTAL_LISTEN", "8000"),
    ],
)
@pytest.mark.usefixtures("surroundings")
def test_what_is_wrong_is_named(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"GROUPEMENT_{variable}", value)
    with pytest.raises(SettingRefused, match=variable):
        read_settings()


def test_a_cookie_key_of_the_wrong_size_is_refused(surroundings: Path) -> None:
    (surroundings / "cookie.key").write_bytes(base64.b64encode(b"short"))
    with pytest.raises(SettingRefused, match="COOKIE_KEY_FILE"):
        read_settings()
