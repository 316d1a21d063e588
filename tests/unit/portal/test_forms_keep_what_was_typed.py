"""Forms: what was typed stays, except passwords; errors stand at their field; one id makes two sendings one."""

from portal.forms import Form, belongs_in_form
from portal.i18n import language
from servicekit.refusals import Conflict, Invalid, Unauthenticated

FR = language("fr")


class EmailMalformed(Invalid):
    """Not an address."""


class RequestIdReused(Invalid):
    """Again, but different."""


class CohortFull(Conflict):
    """Full."""


class WrongCredentials(Unauthenticated):
    """Wrong."""


class SessionOver(Unauthenticated):
    """Over."""


def test_an_error_stands_at_the_field_it_names() -> None:
    form = Form(values={"email": "camille"}).refused(EmailMalformed(field="email"), FR)
    assert "e-mail" in form.error("email")
    assert form.value("email") == "camille"


def test_a_nested_field_of_the_contract_is_found_by_its_last_name() -> None:
    form = Form(values={"email": ""}).refused(EmailMalformed(field="person.email"), FR)
    assert form.errors[0].field == "email"


def test_the_contracts_names_are_mapped_to_ours() -> None:
    form = Form(values={"de": "9"}).refused(EmailMalformed(field="start_time"), FR, {"start_time": "de"})
    assert form.errors[0].field == "de"


def test_an_error_about_no_field_of_ours_is_about_the_form() -> None:
    form = Form(values={"email": ""}).refused(CohortFull(field="cohort.seats"), FR)
    assert form.errors[0].field == ""


def test_a_password_is_never_written_back() -> None:
    form = Form(values={"email": "c", "password": "une longue phrase"})
    assert form.refused(WrongCredentials(), FR).value("password") == ""


def test_a_form_shown_again_keeps_its_id_so_that_sending_it_again_is_once() -> None:
    form = Form(values={})
    assert form.refused(CohortFull(), FR).request_id == form.request_id


def test_a_form_whose_id_served_for_other_answers_gets_a_new_one() -> None:
    form = Form(values={})
    assert form.refused(RequestIdReused(), FR).request_id != form.request_id


def test_no_two_forms_share_an_id() -> None:
    assert Form().request_id != Form().request_id


def test_wrong_credentials_are_put_right_in_the_form_and_an_ended_session_is_not() -> None:
    assert belongs_in_form(WrongCredentials())
    assert not belongs_in_form(SessionOver())
