"""Where Postgres may be: DATABASE_URL may name several hosts, of which one takes writes at a time.

postgresql://user@one:5432,two:5432/boxoffice

Each new connection goes to the host that took writes last. One that is silent for a moment is not waited for: the
others are asked too, and the first that takes writes is it. So neither a host that is gone without a word nor one that
is only a standby keeps anybody from finding the primary. A URL of one host is left to the driver as it is.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence

import asyncpg

HEAD_START_SECONDS = 0.25
"""How long a host may be silent before the next one is asked as well."""
CONNECT_SECONDS_MAX = 5.0

_HOSTS = re.compile(r"(?P<scheme>[^:/?#]*://)(?P<credentials>[^/?#]*@)?(?P<hosts>[^/?#@]*)(?P<rest>.*)", re.DOTALL)


class DatabaseHosts:
    """The hosts of one URL, and which of them took writes last."""

    def __init__(self, url: str) -> None:
        self._urls = [*urls_of(url)]

    async def connect(self, *_: object, **options: object) -> asyncpg.Connection:
        """Connect to the host that takes writes, with the driver's options. Raises what the driver raises."""
        if len(self._urls) == 1:
            return await _open(self._urls[0], options)
        attempts: dict[asyncio.Task[asyncpg.Connection], str] = {}
        failed: list[BaseException] = []
        try:
            for url in tuple(self._urls):
                attempts[asyncio.create_task(_open(url, options))] = url
                if found := await self._first(attempts, failed, HEAD_START_SECONDS):
                    return found
            while attempts:
                if found := await self._first(attempts, failed, None):
                    return found
        finally:
            await _give_up(list(attempts))
        raise _most_telling(failed)

    async def _first(
        self,
        attempts: dict[asyncio.Task[asyncpg.Connection], str],
        failed: list[BaseException],
        seconds_max: float | None,
    ) -> asyncpg.Connection | None:
        """Wait until an attempt ends; take it off, and return its connection or note why there is none."""
        ended, _ = await asyncio.wait(attempts, timeout=seconds_max, return_when=asyncio.FIRST_COMPLETED)
        for attempt in ended:
            error = attempt.exception()
            if error is None:
                self._took_writes(attempts.pop(attempt))
                return attempt.result()
            del attempts[attempt]
            failed.append(error)
        return None

    def _took_writes(self, url: str) -> None:
        self._urls.remove(url)
        self._urls.insert(0, url)


def urls_of(url: str) -> Sequence[str]:
    """Return a URL for each host of one that names several, which asks for one that takes writes; else it as it is.

    A URL that asks for another kind of host itself gets what it asks for.
    """
    parts = _HOSTS.match(url)
    if parts is None or "," not in parts["hosts"]:
        return [url]
    before, rest = parts["scheme"] + (parts["credentials"] or ""), parts["rest"]
    if "target_session_attrs=" not in rest:
        rest += f"{'&' if '?' in rest else '?'}target_session_attrs=read-write"
    return [f"{before}{host}{rest}" for host in dict.fromkeys(parts["hosts"].split(","))]


async def _open(url: str, options: Mapping[str, object]) -> asyncpg.Connection:
    told = {"timeout": CONNECT_SECONDS_MAX, **options}
    return await asyncpg.connect(url, **told)  # type: ignore[call-overload, no-any-return]  # its own options, handed on


async def _give_up(attempts: Sequence[asyncio.Task[asyncpg.Connection]]) -> None:
    """End attempts that nobody waits for any more, and the connections of those that came about all the same."""
    for attempt in attempts:
        attempt.cancel()
    for made in await asyncio.gather(*attempts, return_exceptions=True):
        if isinstance(made, asyncpg.Connection):
            made.terminate()


def _most_telling(failed: Sequence[BaseException]) -> BaseException:
    """Return an error of a host that is no mere standby, where there is one."""
    others = [error for error in failed if not isinstance(error, asyncpg.TargetServerAttributeNotMatched)]
    return (others or failed)[-1]
