"""HTTP clients of the services under test: patient, and cheap to make.

A client of httpx reads all the authorities that this system trusts, which takes longer than most tests; these trust
none.
"""

import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

import httpx

PATIENCE_SECONDS = 60.0
"""However busy the machine is: whoever waits longer for an answer has met a hang."""
TRUSTS_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def client_to(
    url: str | httpx.URL = "",
    *,
    headers: Mapping[str, str] | None = None,
    hears: Sequence[Callable[[httpx.Response], Awaitable[None]]] = (),
    address: str | None = None,
    connections_max: int = 100,
) -> httpx.AsyncClient:
    """Return a client of this service; `hears` is shown each answer, `address` is where the client comes from."""
    limits = httpx.Limits(max_connections=connections_max, max_keepalive_connections=connections_max)
    transport = httpx.AsyncHTTPTransport(verify=TRUSTS_NOBODY, limits=limits, local_address=address)
    return httpx.AsyncClient(
        base_url=url,
        headers=headers,
        event_hooks={"response": list(hears)},
        transport=transport,
        timeout=PATIENCE_SECONDS,
        trust_env=False,
    )


def is_ready(url: str) -> bool:
    """Tell whether the service answers now that it is ready."""
    place = urlsplit(url)
    connection = HTTPConnection(place.hostname or "", place.port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
