"""A form sent from another site changes nothing, whatever the browser says or leaves out."""

import pytest
from portal.csrf import CrossSite, check, origin_of
from starlette.requests import Request

OWN = "https://portail.example"


def asked(method: str = "POST", **headers: str) -> Request:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": method, "headers": named})


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_reading_is_open_to_links_from_anywhere(method: str) -> None:
    check(asked(method, sec_fetch_site="cross-site", origin="https://ailleurs.example"), OWN)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "same-origin", "origin": OWN},
        {"origin": OWN},
    ],
)
def test_a_form_of_ours_is_accepted(headers: dict[str, str]) -> None:
    check(asked(**headers), OWN)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "none"},
        {"sec_fetch_site": "cross-site", "origin": OWN},
        {"origin": "https://ailleurs.example"},
        {"origin": "null"},
        {"origin": "http://portail.example"},
        {"origin": "https://portail.example:8443"},
        {"origin": "https://portail.example.ailleurs.example"},
        {"referer": f"{OWN}/"},
        {},
    ],
)
def test_any_other_form_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(CrossSite):
        check(asked(**headers), OWN)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "QUERY"])
def test_every_method_that_may_change_something_is_held_to_it(method: str) -> None:
    with pytest.raises(CrossSite):
        check(asked(method, origin="https://ailleurs.example"), OWN)


def test_an_origin_is_scheme_host_and_port() -> None:
    assert origin_of("http://127.0.0.1:8000/chemin?a=b") == "http://127.0.0.1:8000"
