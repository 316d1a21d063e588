"""What the portal keeps in a browser is sealed: nobody reads it, changes it, or uses it for something else."""

import secrets
from datetime import UTC, datetime, timedelta

import pytest
from portal.seal import Sealer
from portal.session import SESSION_LIFE, Cookies, Login, Session
from starlette.requests import Request
from starlette.responses import Response

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SESSION = Session(person_id="person_1", refresh_token="very-secret-refresh", id_token="e.y.J", name="Camille")


def cookies(url: str = "https://portail.example", key: bytes | None = None) -> Cookies:
    return Cookies(Sealer(key or secrets.token_bytes(32)), portal_url=url)


def set_cookie(response: Response) -> str:
    return response.headers["set-cookie"]


def request_with(name: str, value: str) -> Request:
    return Request({"type": "http", "headers": [(b"cookie", f"{name}={value}".encode())]})


def kept(jar: Cookies, session: Session = SESSION) -> str:
    response = Response()
    jar.keep_session(response, session, NOW)
    return set_cookie(response).partition("=")[2].partition(";")[0]


def test_a_session_comes_back_as_it_was_kept() -> None:
    jar = cookies()
    assert jar.session(request_with(jar.name("session"), kept(jar)), NOW) == SESSION


def test_nothing_of_a_session_can_be_read_in_the_browser() -> None:
    sealed = kept(cookies())
    assert "secret" not in sealed
    assert "Camille" not in sealed


@pytest.mark.parametrize("part", range(5))
def test_a_session_changed_anywhere_is_no_session(part: int) -> None:
    jar = cookies()
    parts = kept(jar).split(".")
    text = parts[part]
    parts[part] = f"{'A' if text[:1] != 'A' else 'B'}{text[1:]}" if text else "AAAA"
    assert jar.session(request_with(jar.name("session"), ".".join(parts)), NOW) is None


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "....", "é", "eyJhbGciOiJub25lIn0.." * 300])
def test_what_is_no_seal_is_no_session(text: str) -> None:
    jar = cookies()
    assert Sealer(secrets.token_bytes(32)).open("session", text, now=NOW) is None
    assert jar.session(request_with(jar.name("session"), text.encode("ascii", "ignore").decode()), NOW) is None


def test_another_portal_cannot_open_it() -> None:
    mine, other = cookies(), cookies()
    assert other.session(request_with(other.name("session"), kept(mine)), NOW) is None


def test_a_seal_for_one_use_is_worth_nothing_for_another() -> None:
    sealer = Sealer(secrets.token_bytes(32))
    sealed = sealer.seal("notice", {"person_id": "person_2", "refresh_token": "x"}, until=NOW + timedelta(days=1))
    assert sealer.open("notice", sealed, now=NOW) is not None
    assert sealer.open("session", sealed, now=NOW) is None


def test_a_session_ends_after_its_life() -> None:
    jar = cookies()
    sealed = request_with(jar.name("session"), kept(jar))
    assert jar.session(sealed, NOW + SESSION_LIFE - timedelta(seconds=1)) == SESSION
    assert jar.session(sealed, NOW + SESSION_LIFE) is None


def test_over_https_the_cookie_is_of_this_host_only() -> None:
    response = Response()
    cookies().keep_session(response, SESSION, NOW)
    written = set_cookie(response)
    assert written.startswith("__Host-session=")
    for rule in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"):
        assert rule in written
    assert "Domain" not in written


def test_two_portals_on_one_machine_keep_their_cookies_apart() -> None:
    assert cookies("http://127.0.0.1:8000").name("session") != cookies("http://127.0.0.1:8100").name("session")


def test_a_sign_in_under_way_comes_back_to_the_browser_that_began_it() -> None:
    jar, response = cookies(), Response()
    login = Login(state="s", nonce="n", verifier="v", return_to="/espaces")
    jar.keep_login(response, login, NOW)
    sealed = set_cookie(response).partition("=")[2].partition(";")[0]
    assert jar.login(request_with(jar.name("login"), sealed), NOW) == login


def test_a_session_shows_no_secret_when_it_is_printed() -> None:
    assert "very-secret-refresh" not in repr(SESSION)
