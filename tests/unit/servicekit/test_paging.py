"""Pages: bounded, and a token goes on only where it came from."""

import base64
import json

import pytest
from greeting import pb
from hypothesis import given
from hypothesis import strategies as st
from servicekit.refusals import Invalid
from servicekit.rpc.paging import PagedRequest, PageSizeNegative, PageTokenInvalid, next_token, page

AFTER = ("Salle Été", "resource_1")


def asked(token: str = "", size: int = 0, place_id: str = "place_1") -> PagedRequest:
    request: PagedRequest = pb.ListVisitsRequest(place_id=place_id, page_size=size, page_token=token)
    return request


def test_a_size_is_ours_by_default_and_never_more_than_we_allow() -> None:
    assert page(asked()).size == 50
    assert page(asked(size=7)).size == 7
    assert page(asked(size=1_000_000)).size == 200


def test_a_negative_size_is_refused() -> None:
    with pytest.raises(PageSizeNegative) as refused:
        page(asked(size=-1))
    assert refused.value.field == "page_size"


def test_a_token_leads_to_the_row_it_was_made_of_whatever_size_comes_next() -> None:
    token = next_token(asked(size=10), AFTER)
    assert page(asked(token, size=20)).after == AFTER


def test_the_first_page_follows_no_row_and_the_last_has_no_token() -> None:
    assert page(asked()).after == ()
    assert next_token(asked(), ()) == ""


def test_a_token_of_other_arguments_or_another_list_is_refused() -> None:
    token = next_token(asked(place_id="place_1"), AFTER)
    for other in (
        asked(token, place_id="place_2"),
        pb.ListLeavesRequest(place_id="place_1", page_token=token),
    ):
        with pytest.raises(PageTokenInvalid):
            page(other)


@given(st.text(st.characters(max_codepoint=0x2FFF, exclude_categories=["Cs"])))
def test_text_that_is_no_token_is_refused_as_invalid(text: str) -> None:
    if text:
        with pytest.raises(Invalid):
            page(asked(text))


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists))
def test_a_token_of_other_content_is_refused_as_invalid(content: object) -> None:
    token = base64.urlsafe_b64encode(json.dumps(content).encode()).decode()
    with pytest.raises(PageTokenInvalid):
        page(asked(token))


@pytest.mark.parametrize("part", ["\ud800", None, 3, ["a"]])
def test_a_token_whose_key_no_database_could_compare_is_refused(part: object) -> None:
    made = base64.urlsafe_b64decode(next_token(asked(), ("a",)) + "==")
    spoilt = json.dumps([*json.loads(made)[:1], part]).encode()
    with pytest.raises(PageTokenInvalid):
        page(asked(base64.urlsafe_b64encode(spoilt).decode()))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_any_key_comes_back_as_it_was(key: list[str]) -> None:
    assert page(asked(next_token(asked(), tuple(key)))).after == tuple(key)
