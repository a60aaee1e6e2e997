"""Every knob, with its unit last in the name, its bounds, and what it does; read once, from the environment.

docs/settings.md lists them for people; a test holds the two together.
"""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from boxoffice.errors import CannotStart
from boxoffice.proxies import Header, read_networks
from boxoffice.redis_url import read_redis_url

SECRETS = {"admin_token", "database_url", "data_urls", "redis_url"}
"""What is never said again, not even when it is wrong."""
ADMIN_TOKEN = re.compile(r"[!-~]{16,}")
"""Spaces and line ends around it would be cut off what a request sends, and other characters come in many codings: no
token with them ever opens the door."""
NODES_MAX = 64
NAMES_OF_OTHERS = {"port": "PORT", "workers": "WORKERS", "database_url": "DATABASE_URL", "redis_url": "REDIS_URL"}
READERS: Mapping[str, Callable[[str], object]] = {"trusted_proxies": read_networks, "redis_url": read_redis_url}
"""What is more than a text or a number, and who reads it."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the service was told. Field `x` is set by BOXOFFICE_X, but for the names of others above."""

    host: Annotated[str, Meta(min_length=1, description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535, description="TCP port to listen on.")] = 8000
    workers: Annotated[int, Meta(ge=1, le=64, description="Service processes behind that port.")] = 1
    database_url: Annotated[
        str | None, Meta(description="postgresql:// URL of the database; without one, an embedded PostgreSQL is used.")
    ] = None
    data_urls: Annotated[
        str | None,
        Meta(
            description="URLs of nodes to sell by, separated by spaces, any of which will do; DATABASE_URL when unset."
        ),
    ] = None
    redis_url: Annotated[
        str | None,
        Meta(description="redis:// URL of the shared memory, or of a cluster or sentinels; else an embedded server."),
    ] = None
    data_dir: Annotated[str, Meta(min_length=1, description="Folder of the embedded servers, URLs and token.")] = (
        ".boxoffice"
    )
    admin_token: Annotated[
        Annotated[str, Meta(min_length=16)] | None,
        Meta(description="Bearer token of the admin routes; made and kept when unset."),
    ] = None
    web_dir: Annotated[
        str | None, Meta(description="Folder of the page as it was built; the program's own when unset.")
    ] = None
    demo: Annotated[bool, Meta(description="Put demo events into a new embedded database.")] = True

    leave_seconds: Annotated[
        int, Meta(ge=0, le=600, description="From being told to stop to stopping, for balancers to look elsewhere.")
    ] = 0
    connections_max: Annotated[
        int, Meta(ge=128, le=100_000, description="Open client connections of one process; 503 beyond them.")
    ] = 10_000

    hold_seconds: Annotated[int, Meta(ge=1, le=86_400, description="Time to pay before a hold expires.")] = 60
    tickets_per_reservation_max: Annotated[int, Meta(ge=1, le=1_000, description="Tickets in one hold.")] = 50

    database_connections_max: Annotated[
        int, Meta(ge=1, le=64, description="Connections of one process for booking; near the cores is fastest.")
    ] = 4
    catalog_connections_max: Annotated[
        int,
        Meta(
            ge=1,
            le=64,
            description="Connections of one process for lists, availability and views of admins; changes have 4 more.",
        ),
    ] = 4
    statement_ms_max: Annotated[
        int, Meta(ge=100, le=60_000, description="A booking, a flight or a reading that takes longer is given up.")
    ] = 5_000
    flight_requests_max: Annotated[int, Meta(ge=1, le=1_024, description="Holds booked in one statement.")] = 64
    flight_attempts_max: Annotated[
        int, Meta(ge=1, le=1_000, description="Plans tried for a hold before it is answered 503.")
    ] = 64
    flight_wait_ms_max: Annotated[
        int, Meta(ge=10, le=60_000, description="Wait for a statement to leave before a hold is answered 503.")
    ] = 1_000
    queue_requests_max: Annotated[
        int, Meta(ge=1, le=1_000_000, description="Holds that wait in one process before further ones get 503.")
    ] = 10_000

    sweep_interval_ms: Annotated[
        int, Meta(ge=10, le=1_000, description="Pause between two looks for overdue holds.")
    ] = 250
    sweep_batch_rows_max: Annotated[
        int, Meta(ge=1, le=10_000, description="Overdue holds given back in one transaction.")
    ] = 500

    exhausted_ms_max: Annotated[
        int, Meta(ge=1, le=1_000, description="Age up to which a full pass may refuse further holds.")
    ] = 250
    availability_ms_max: Annotated[
        int, Meta(ge=1, le=60_000, description="Age up to which shown availability may be served from memory.")
    ] = 500
    catalog_ms_max: Annotated[
        int, Meta(ge=1, le=60_000, description="Age up to which an event's description may be served from memory.")
    ] = 1_000
    dates_remembered_max: Annotated[
        int, Meta(ge=1, le=10_000_000, description="Dates whose shards one process remembers.")
    ] = 100_000
    redis_ms_max: Annotated[
        int, Meta(ge=1, le=10_000, description="Wait for an answer of Redis before going on without it.")
    ] = 50

    trusted_proxies: Annotated[
        str | None,
        Meta(description="Addresses and networks of proxies that are believed about their clients; nobody when unset."),
    ] = None
    client_header: Annotated[
        Header, Meta(description="Header in which trusted proxies name their clients; of others it is never read.")
    ] = "x-forwarded-for"
    admin_failures_per_minute_max: Annotated[
        int,
        Meta(ge=0, le=1_000_000, description="Wrong admin tokens of one client in a minute before 429; 0: no limit."),
    ] = 10
    holds_per_minute_max: Annotated[
        int, Meta(ge=0, le=1_000_000, description="Holds one client may ask for in a minute; 0: no limit.")
    ] = 0
    unpaid_tickets_per_client_max: Annotated[
        int, Meta(ge=0, le=1_000_000, description="Tickets of one date one client may hold unpaid; 0: no limit.")
    ] = 0

    @property
    def data_path(self) -> Path:
        """The data folder, absolute."""
        return Path(self.data_dir).absolute()

    @property
    def nodes(self) -> Sequence[str]:
        """The URLs to sell by, of which any will do; none where there is no database yet."""
        if self.data_urls is not None:
            return self.data_urls.split()
        return [] if self.database_url is None else [self.database_url]


def environment_name(field: str) -> str:
    """Return the environment variable that sets a field."""
    return NAMES_OF_OTHERS.get(field, f"BOXOFFICE_{field.upper()}")


def environment_of(settings: Settings) -> Mapping[str, str]:
    """Return the environment from which `load_settings` reads the same settings: for a process of ours."""
    told = {field: getattr(settings, field) for field in Settings.__struct_fields__}
    return {
        environment_name(field): str(int(value)) if isinstance(value, bool) else str(value)
        for field, value in told.items()
        if value is not None
    }


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; an empty variable counts as unset. Raises CannotStart naming the variable that is wrong."""
    given = {field: environment.get(environment_name(field), "") for field in Settings.__struct_fields__}
    for field, value in given.items():
        if value:
            _check_one(field, value)
    if given["data_urls"] and not given["database_url"]:
        raise _wrong("data_urls", "", "DATABASE_URL has to be set too: what is for sale is changed there")
    return msgspec.convert({field: value for field, value in given.items() if value}, Settings, strict=False)


def _check_one(field: str, value: str) -> None:
    try:
        msgspec.convert({field: value}, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise _wrong(field, value, str(error).partition(" - at ")[0]) from error
    if field == "admin_token" and not ADMIN_TOKEN.fullmatch(value):
        raise _wrong(field, value, "at least 16 visible ASCII characters, as a request can send them")
    if field == "data_urls" and not _are_nodes(value.split()):
        raise _wrong(field, value, f"1 to {NODES_MAX} URLs that begin with postgresql://, separated by spaces")
    if field in READERS:
        try:
            READERS[field](value)
        except CannotStart as error:
            raise _wrong(field, value, str(error)) from error


def _are_nodes(urls: Sequence[str]) -> bool:
    return 1 <= len(urls) <= NODES_MAX and all(url.startswith(("postgresql://", "postgres://")) for url in urls)


def _wrong(field: str, value: str, reason: str) -> CannotStart:
    said = "" if field in SECRETS else f", not {value!r}"
    return CannotStart(f"{environment_name(field)}: {reason}{said}")
