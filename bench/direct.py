"""Sells from one Python process without HTTP: as many buyers as coroutines, each asking again when it is answered.

`python -m bench.direct EVENT TYPE COROUTINES SECONDS` reads its settings as a service does and prints one JSON object.
"""

import asyncio
import sys
import time

import msgspec
import uvloop

from bench.shop import FIRST_DATE, QUANTITY, START_TIME
from boxoffice.app import open_office
from boxoffice.booking.values import Wanted
from boxoffice.selling import Selling
from boxoffice.settings import load_settings
from boxoffice.values import DateKey


class Sold(msgspec.Struct, frozen=True, kw_only=True):
    """Holds made, and how long it took."""

    held: int
    seconds: float


async def sell(event_id: int, ticket_type: int, coroutines: int, seconds: float) -> Sold:
    """Sell for a time through the same verbs that the routes call."""
    wanted = Wanted(date_key=DateKey(event_id, FIRST_DATE, START_TIME), lines=((ticket_type, QUANTITY),))
    async with open_office(load_settings()) as office:
        started = time.monotonic()
        buyers = [_buy(office.selling, wanted, started + seconds) for _ in range(coroutines)]
        held = sum(await asyncio.gather(*buyers))
        return Sold(held=held, seconds=time.monotonic() - started)


async def _buy(selling: Selling, wanted: Wanted, until: float) -> int:
    held = 0
    while time.monotonic() < until:
        await selling.hold(wanted)
        held += 1
    return held


def main() -> None:
    """Sell as the arguments say."""
    event_id, ticket_type, coroutines, seconds = sys.argv[1:]
    sold = uvloop.run(sell(int(event_id), int(ticket_type), int(coroutines), float(seconds)))
    sys.stdout.write(msgspec.json.encode(sold).decode() + "\n")


if __name__ == "__main__":
    main()
