"""The life of a login: a browser is sent, comes back, its code becomes tokens, the tokens are renewed, it ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from servicekit.identifiers import new_id
from servicekit.sql import Work

from shared_identity.codes import digest, new_secret
from shared_identity.days import day_of
from shared_identity.memberships import usecases as memberships
from shared_identity.oidc import storage, wire
from shared_identity.oidc.domain import (
    CODE_LIFE,
    LOGIN_LIFE,
    AuthorizationRequest,
    Client,
    Code,
    GrantRefused,
    Login,
    TargetRefused,
    TokenRefused,
    Voice,
    check_code,
    check_login,
    client_of,
    structure_of,
)
from shared_identity.people import usecases as people
from shared_identity.people.domain import Person
from shared_identity.sign_in import usecases as sign_in
from shared_identity.sign_in.domain import Answer, Asked, UnknownChallenge
from shared_identity.structures import usecases as structures


@dataclass(frozen=True, kw_only=True)
class Return:
    """Where a browser goes back to, with which code."""

    redirect_uri: str
    code: str
    state: str


@dataclass(frozen=True, kw_only=True)
class Redeemed:
    """What a code is exchanged for."""

    login: Login
    person: Person
    voice: Voice | None
    nonce: str
    refresh_token: str


async def begin(work: Work, asked: AuthorizationRequest, client: Client, *, now: datetime) -> str:
    """Raises the challenge that the portal will answer; gives its secret."""
    challenge = Asked(
        client_id=client.client_id,
        client_name=client.name,
        login_hint=asked.login_hint,
        request=wire.request_text(asked),
    )
    return await sign_in.raise_challenge(work, challenge, now=now)


async def resume(work: Work, secret: str, clients: Mapping[str, Client], *, now: datetime) -> Return:
    """A login out of an answered challenge, and the way back to the client; raises UnknownChallenge.

    The return address is checked again: it may have been struck off since the browser was sent. What somebody
    answered before their sessions were ended counts no more.
    """
    challenge, answer = await sign_in.take_answered(work, secret, now=now)
    asked = wire.request_value(challenge.request)
    client_of({"client_id": asked.client_id, "redirect_uri": asked.redirect_uri}, clients)
    person = await people.myself(work, answer.person_id)
    if person.epoch != answer.epoch:
        raise UnknownChallenge
    code = new_secret()
    await storage.add(work, _login(asked, answer), _code(asked, now), digest(code))
    return Return(redirect_uri=asked.redirect_uri, code=code, state=asked.state)


async def redeem(
    work: Work,
    client: Client,
    *,
    code: str,
    redirect_uri: str,
    verifier: str,
    resource: str | None,
    now: datetime,
) -> Redeemed | GrantRefused:
    """Tokens for a code, once; raises TargetRefused.

    GrantRefused is given, not raised: that the code is spent must be kept. A code that comes a second time was
    stolen: its login ends, refresh token included (RFC 6749, §4.1.2).
    """
    held = await storage.take_code(work, digest(code), now)
    if held is None:
        await storage.end_login_of_code(work, digest(code))
        return GrantRefused()
    kept, login = held
    try:
        check_code(kept, redirect_uri=redirect_uri, verifier=verifier, now=now)
        person = await _person_of(work, login, client, now)
    except GrantRefused as refused:
        return refused
    spoken = await voice(work, person, client, resource, now=now)
    refresh_token = new_secret()
    await storage.set_refresh(work, login.login_id, digest(refresh_token))
    return Redeemed(login=login, person=person, voice=spoken, nonce=kept.nonce, refresh_token=refresh_token)


async def refreshed(
    work: Work, client: Client, refresh_token: str, *, resource: str | None, now: datetime
) -> tuple[Login, Voice | None]:
    """The login a refresh token stands for, with a voice of today; raises GrantRefused, TargetRefused."""
    login = await storage.by_refresh(work, digest(refresh_token))
    if login is None:
        raise GrantRefused
    person = await _person_of(work, login, client, now)
    return login, await voice(work, person, client, resource, now=now)


async def voice(work: Work, person: Person, client: Client, resource: str | None, *, now: datetime) -> Voice | None:
    """The roles somebody holds today at the one structure asked for, None when none is; raises TargetRefused."""
    if resource is None:
        return None
    slug, today = structure_of(resource, client), day_of(now)
    if slug not in await structures.present(work, [slug], today):
        raise TargetRefused(field="resource")
    roles = await memberships.roles_at(work, person.person_id, slug, today)
    return Voice(person_id=person.person_id, structure=slug, roles=roles)


async def login_of(work: Work, login_id: str) -> Login:
    """The login of that id, while it lasts; raises TokenRefused."""
    login = await storage.by_id(work, login_id)
    if login is None:
        raise TokenRefused
    return login


async def person_of_login(work: Work, login: Login, client: Client, *, now: datetime) -> Person:
    """Who signed in; raises TokenRefused when the login is over or another client's."""
    try:
        return await _person_of(work, login, client, now)
    except GrantRefused as over:
        raise TokenRefused from over


async def revoke(work: Work, client: Client, token: str) -> None:
    """Ends the login a refresh token stands for; an unknown one is fine (RFC 7009, §2.2)."""
    login = await storage.by_refresh(work, digest(token))
    if login is not None:
        await storage.end(work, login.login_id, client.client_id)


async def end(work: Work, login_id: str, client_id: str) -> None:
    """Ends a login."""
    await storage.end(work, login_id, client_id)


async def forget_expired(work: Work, now: datetime) -> None:
    """Forgets logins that are over."""
    await storage.forget_before(work, now)


async def _person_of(work: Work, login: Login, client: Client, now: datetime) -> Person:
    person = await people.myself(work, login.person_id)
    check_login(login, client=client, epoch=person.epoch, now=now)
    return person


def _login(asked: AuthorizationRequest, answer: Answer) -> Login:
    return Login(
        login_id=new_id("login"),
        person_id=answer.person_id,
        client_id=asked.client_id,
        scope=asked.scope,
        method=answer.method,
        epoch=answer.epoch,
        signed_in_at=answer.answered_at,
        expires_at=answer.answered_at + LOGIN_LIFE,
    )


def _code(asked: AuthorizationRequest, now: datetime) -> Code:
    return Code(
        redirect_uri=asked.redirect_uri,
        code_challenge=asked.code_challenge,
        nonce=asked.nonce,
        expires_at=now + CODE_LIFE,
    )
