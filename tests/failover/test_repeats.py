"""A hold that waited for its standby in vain is there, on the primary alone: no repeat may acknowledge it.

Whoever gives up ends the wait, and from then on everybody sees what was committed but not copied. A repeat by its key
that only read would find it and answer 201; the standby, taking over, has never heard of it.
"""

import os
from pathlib import Path

import pytest

from tests.concurrency.buyers import body_of, path_of
from tests.concurrency.rush_line import Answer, Line, closing
from tests.failover.selling import selling
from tests.torture.results import Options
from tests.torture.trial import put_on_sale
from tests.waiting import until

pytestmark = pytest.mark.skipif("FAILOVERS" not in os.environ, reason="it takes a pair of servers: make failover")

HURRIED = {"BOXOFFICE_STATEMENT_MS_MAX": "1000"}
FAILOVER_SECONDS_MAX = 60.0


def is_unknown(answer: Answer) -> bool:
    """Tell whether an answer says that nobody knows."""
    return answer.status == 503 and b"outcome is unknown" in answer.body


async def test_a_repeat_does_not_acknowledge_what_the_standby_never_heard_of(place: Path, redis_url: str) -> None:
    async with selling(place, redis_url, synchronous=True, told=HURRIED) as (pair, office):
        on_sale = (await put_on_sale(office.database_url, Options()))[0].on_sale
        line = Line(office.url)

        async def hold(key: str) -> Answer:
            return await line.ask("POST", path_of(on_sale.date_key), body_of({1: 1}), idempotency_key=key)

        async with closing([line]):
            assert (await hold("before")).status == 201
            pair.cut()
            assert is_unknown(await hold("in-vain"))
            assert is_unknown(await hold("in-vain"))
            await pair.kill_primary()
            await pair.promote()

            async def is_held() -> bool:
                return (await hold("in-vain")).status == 201

            await until(is_held, seconds_max=FAILOVER_SECONDS_MAX)
            assert (await hold("before")).headers["idempotent-replayed"] == "true"
