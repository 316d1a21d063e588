"""Who is on the bus: one account a structure, its users, and the valves between accounts."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from servicekit.origin import GROUPEMENT, Origin

EVENTS = "EVENTS"
"""The stream of what this account says."""
FEDERATION = "FEDERATION"
"""The stream of what this account was told."""
DEAD_LETTERS = "DEAD_LETTERS"
"""The stream of what a subscriber of this account could not take."""

HEARD_API = "HEARD.API"
"""The prefix of the API of the account where a structure keeps FEDERATION, apart from everything it says itself."""

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_USER_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_CONSUMER = re.compile(r"[A-Za-z0-9_-]+")
_NKEY = re.compile(r"U[A-Z2-7]{55}")
_FILTER = re.compile(r"[a-z0-9_*-]+(\.[a-z0-9_*-]+)*(\.>)?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Consumer:
    """A durable consumer on one stream of an account; `filters` are the subjects it may deliver."""

    stream: str
    name: str
    filters: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check(_CONSUMER, self.name)
        for subject in self.filters:
            _check(_FILTER, subject)


@dataclass(frozen=True, kw_only=True, slots=True)
class Owner:
    """The account's own key: provisions its streams, opens and closes its valves, watches what passes."""

    nkey: str
    name: str = "owner"

    def __post_init__(self) -> None:
        _check(_NKEY, self.nkey)


@dataclass(frozen=True, kw_only=True, slots=True)
class Instance:
    """A service's key: tells its own facts, and reads through durable consumers that carry its kind's name."""

    origin: Origin
    nkey: str

    def __post_init__(self) -> None:
        _check(_NKEY, self.nkey)

    @property
    def name(self) -> str:
        """The user's name: `coworking@la-ruche`."""
        return self.origin.instance


@dataclass(frozen=True, kw_only=True, slots=True)
class Integration:
    """A third party's key: reads through the consumers the account's owner made for it, and nothing else."""

    name: str
    nkey: str
    consumers: tuple[Consumer, ...]

    def __post_init__(self) -> None:
        _check(_NKEY, self.nkey)
        _check(_USER_NAME, self.name)
        for consumer in self.consumers:
            if not consumer.filters:
                raise ValueError(f"the consumer {consumer.name} of {self.name} names no subject")


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """One structure on the bus, or the groupement itself (`structure="groupement"`)."""

    structure: str
    owner: Owner
    instances: tuple[Instance, ...] = ()
    integrations: tuple[Integration, ...] = ()

    def __post_init__(self) -> None:
        _check(_SLUG, self.structure)
        for instance in self.instances:
            if instance.origin.structure != self.structure:
                raise ValueError(f"{instance.name} does not belong to {self.structure}")

    @property
    def name(self) -> str:
        """The account's name on the server: `LA_RUCHE`."""
        return account_name(self.structure)

    @property
    def heard(self) -> str:
        """The account, without users, that holds FEDERATION: `LA_RUCHE__HEARD`."""
        return heard_name(self.structure)

    def integration_name(self, integration: Integration) -> str:
        """The account of one integration, which holds nothing: `LA_RUCHE__FOR_CALENDAR`."""
        return f"{self.name}__FOR_{account_name(integration.name)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Valve:
    """What one account lets another hear: a durable consumer that the owner of the facts made, pauses and ends."""

    owner: str
    importer: str
    filters: tuple[str, ...]

    @property
    def consumer(self) -> str:
        """The name of the consumer, in the owner's account: `to_groupement`."""
        return f"to_{self.importer}"

    @property
    def deliver_subject(self) -> str:
        """The subject it delivers to: `valve.la-ruche.groupement`."""
        return f"valve.{self.owner}.{self.importer}"

    @property
    def imported_api(self) -> str:
        """The prefix under which the importer calls the one API subject it was given."""
        return imported_api(self.owner)

    @property
    def imported_reset(self) -> str:
        """The importer's name for `reset`."""
        return f"{self.imported_api}.CONSUMER.RESET.{EVENTS}.{self.consumer}"

    @property
    def reset(self) -> str:
        """The API subject by which the importer resumes the consumer; it can neither create nor filter one."""
        return f"$JS.API.CONSUMER.RESET.{EVENTS}.{self.consumer}"

    @property
    def flow_control(self) -> str:
        """The subject of its flow control: without it, a valve stalls after `max_ack_pending` facts."""
        return f"$JS.FC.*.{account_hash(account_name(self.owner))}.{EVENTS}.{self.consumer}.>"


@dataclass(frozen=True, kw_only=True, slots=True)
class Registry:
    """Everyone on the bus. `domain` is the JetStream domain of the server, when it has one."""

    groupement: Account
    structures: tuple[Account, ...] = ()
    domain: str | None = None

    def __post_init__(self) -> None:
        names = [account.structure for account in self.accounts()]
        if self.groupement.structure != GROUPEMENT or len(set(names)) != len(names):
            raise ValueError("one account is the groupement's, and each structure has exactly one")
        if self.domain is not None:
            _check(_CONSUMER, self.domain)

    def accounts(self) -> tuple[Account, ...]:
        """The groupement's account, then each structure's."""
        return (self.groupement, *self.structures)

    def account(self, structure: str) -> Account:
        """The account of one structure; raises KeyError when it has none."""
        return {account.structure: account for account in self.accounts()}[structure]

    def valves(self) -> Iterator[Valve]:
        """Each structure's valve to the groupement, and the groupement's to each structure."""
        for account in self.structures:
            yield to_groupement(account.structure)
            yield to_structure(account.structure)


def to_groupement(structure: str) -> Valve:
    """A structure's valve: its `shared` facts, to the groupement."""
    return Valve(owner=structure, importer=GROUPEMENT, filters=(f"{structure}.*.shared.>",))


def to_structure(structure: str) -> Valve:
    """The groupement's valve to one structure: what it tells all, and what it tells that one."""
    filters = (f"{GROUPEMENT}.*.all.>", f"{GROUPEMENT}.*.to.{structure}.>")
    return Valve(owner=GROUPEMENT, importer=structure, filters=filters)


def account_name(structure: str) -> str:
    """The name of a structure's account: `la-ruche` -> `LA_RUCHE`."""
    return structure.upper().replace("-", "_")


def heard_name(structure: str) -> str:
    """The name of the account where a structure keeps what it was told."""
    return f"{account_name(structure)}__HEARD"


def keeper_name(structure: str, stream: str) -> str:
    """The name of the account that keeps one of a structure's streams."""
    return heard_name(structure) if stream == FEDERATION else account_name(structure)


def account_hash(name: str) -> str:
    """The eight characters by which nats-server names an account in acknowledgement subjects."""
    return "".join(_DIGITS[byte % len(_DIGITS)] for byte in hashlib.sha256(name.encode()).digest()[:8])


def api_prefix(domain: str | None) -> str:
    """The prefix of the JetStream API in a domain, or without one."""
    return f"$JS.{domain}.API" if domain else "$JS.API"


def imported_api(structure: str) -> str:
    """The prefix under which others call what a structure exports of its API: `JS.la-ruche.API`."""
    return f"JS.{structure}.API"


def api_names(domain: str | None) -> tuple[str, ...]:
    """Every prefix by which the JetStream API goes: with a domain, the server takes either and checks both."""
    return (api_prefix(None),) if domain is None else (api_prefix(domain), api_prefix(None))


def stream_api(stream: str, domain: str | None) -> str:
    """The prefix of the API under which a structure's own users reach one of its streams."""
    return HEARD_API if stream == FEDERATION else api_prefix(domain)


def inbox(user: str) -> str:
    """The prefix of a user's own replies, to which it alone may subscribe."""
    return f"_INBOX.{user}"


def _check(form: re.Pattern[str], text: str) -> None:
    if not form.fullmatch(text):
        raise ValueError(f"malformed: {text!r}")
