"""An address has one form, however it was typed: two of them cannot be two people."""

import pytest
from shared_identity.people.domain import MalformedEmail, email_address


@pytest.mark.parametrize(
    "typed",
    [
        "nadia@demo.example",
        " Nadia@Demo.Example ",
        "ｎａｄｉａ@demo.example",
        "NADIA@DEMO.EXAMPLE",
    ],
)
def test_ways_to_type_an_address_are_one_address(typed: str) -> None:
    assert email_address(typed) == "nadia@demo.example"


def test_a_domain_with_accents_is_the_same_as_its_ascii_form() -> None:
    assert email_address("a@café.example") == email_address("a@xn--caf-dma.example")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "nadia",
        "@demo.example",
        "nadia@",
        "nadia@demo",
        "nadia@@demo.example",
        "na dia@demo.example",
        "nadia@demo..example",
        "nadia@-demo.example",
        "nadia@demo.example\nBcc: all@demo.example",
        "nadia@demo.example, all@demo.example",
        '"nadia"@demo.example',
        "<nadia@demo.example>",
        ".nadia@demo.example",
        "nadia.@demo.example",
        "n" * 65 + "@demo.example",
        "nadia@" + "d" * 64 + ".example",
        "nadia@" + "demo." * 60 + "example",
        "nadia@[127.0.0.1]",
        "nadïa@demo.example",
        "nadia@demo.example\0",
    ],
)
def test_what_is_no_address_is_refused_and_the_field_named(typed: str) -> None:
    with pytest.raises(MalformedEmail) as refused:
        email_address(typed)
    assert refused.value.field == "email"
