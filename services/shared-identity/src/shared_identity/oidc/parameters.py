"""Parameters of HTTP requests, read strictly; and addresses with parameters added."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request

from shared_identity.oidc.domain import RequestMalformed

Parameters = Mapping[str, str]

_LARGEST_BODY = 16 * 1024
_MOST_PARAMETERS = 50
_FORM = "application/x-www-form-urlencoded"


async def parameters_of(request: Request) -> Parameters:
    """The parameters of a request, wherever its method puts them; raises RequestMalformed."""
    return await form_of(request) if request.method == "POST" else _read(request.scope["query_string"])


async def form_of(request: Request) -> Parameters:
    """The parameters of a form, read up to 16 KiB."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise RequestMalformed
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST_BODY:
            raise RequestMalformed
    return _read(body)


def _read(encoded: bytes) -> Parameters:
    """Parameters, each at most once (RFC 6749, §3.1); an empty one was not sent."""
    try:
        pairs = parse_qsl(encoded.decode("ascii"), errors="strict", max_num_fields=_MOST_PARAMETERS)
    except ValueError as error:
        raise RequestMalformed from error
    read = dict(pairs)
    if len(read) != len(pairs) or any("\0" in value for value in read.values()):
        raise RequestMalformed
    return read


def needed(parameters: Parameters, name: str) -> str:
    if name not in parameters:
        raise RequestMalformed(field=name)
    return parameters[name]


def with_parameters(address: str, answer: Parameters) -> str:
    """An address with parameters added to those it has; empty ones are left out."""
    parts = urlsplit(address)
    added = [(name, value) for name, value in answer.items() if value]
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, urlencode(added))))))
