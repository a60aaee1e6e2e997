"""One trial: load, a fault in the middle of it, recovery, and then everything accounted for.

In this order: buyers come; it is measured how fast; the fault happens and ends; the load goes on until it is as fast
as before. Then whatever has an unknown outcome is repeated until it is known, and the database is compared with all
answers. Then every hold is paid, what nobody was told of lapses, and all that is left is sold, to the last ticket.
"""

import asyncio
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import asyncpg
import msgspec

from tests.concurrency.buyers import KINDS
from tests.concurrency.rush_ledger import now
from tests.torture.afterwards import NotSettled, pay_everything, sell_the_rest, settle, until_all_is_paid
from tests.torture.faults import DidNotHappen, Fault, Scene
from tests.torture.load import Habits, Load, Pace
from tests.torture.office import Office, differences, open_office
from tests.torture.orders import OnSale, Orders
from tests.torture.recovery import longest_silence, rate, seconds_to_recovery
from tests.torture.results import Counts, Options, Trial
from tests.torture.verdict import read_books, unsold, untruths
from tests.waiting import pass_time, until
from tests.world import Type, put_event

Say: TypeAlias = Callable[[str], None]

SHARDS = 16
SECONDS_OF_STOCK = 90
"""So long the wide date would last if nobody let go: it never sells out under the load."""
SHARE_OF_TYPE = 0.45
SCARCE = 300
SCARCE_OF_TYPE = 200
RECOVERY_SECONDS_MAX = 45.0
LAPSE_SECONDS_MAX = 15.0
"""Beyond the life of a hold: what nobody pays is gone by then."""


async def put_on_sale(database_url: str, options: Options) -> list[Habits]:
    """Put a wide date in that never sells out, and a scarce one that always has: its tickets come and go."""
    async with asyncpg.create_pool(database_url, min_size=1, max_size=1) as pool:
        wide, scarce = round(SECONDS_OF_STOCK * options.per_second), SCARCE
        of_wide = round(SHARE_OF_TYPE * wide)
        first = await put_event(
            pool, max_tickets=wide, shards=SHARDS, types=[Type(limit=None), Type(limit=of_wide, shards=SHARDS)]
        )
        limits = [Type(limit=SCARCE_OF_TYPE, shards=2), Type(limit=SCARCE_OF_TYPE, shards=2)]
        second = await put_event(pool, max_tickets=scarce, shards=4, types=limits)
    one = OnSale(date_key=first, capacity=wide, limits=dict(zip(KINDS, (wide, of_wide), strict=True)))
    other = OnSale(date_key=second, capacity=scarce, limits=dict.fromkeys(KINDS, SCARCE_OF_TYPE))
    return [
        Habits(on_sale=one, share=0.92, pays=0.3, lets_go=0.15),
        Habits(on_sale=other, share=0.08, pays=0.02, lets_go=0.5),
    ]


class Rehearsal:
    """A trial under way: what it has measured so far, and what it found untrue. `say` hears what is going on."""

    def __init__(
        self, fault: Fault, office: Office, options: Options, habits: list[Habits], seed: int, say: Say
    ) -> None:
        self.untrue: list[str] = []
        self._fault = fault
        self._office = office
        self._options = options
        self._say = say
        self._orders = Orders([each.on_sale for each in habits])
        pace = Pace(per_second=options.per_second, buyers=options.buyers, without_key=options.without_key)
        self._load = Load(office.url, self._orders, habits, pace, seed)
        self._scene = Scene(office=office, seconds=options.fault_seconds, chance=random.Random(seed))
        self._did = "nothing"
        self._before = self._began_at = self._ended_at = 0.0
        self._recovery_seconds: float | None = None
        self._counts = Counts()

    async def sell_and_break(self) -> None:
        """Sell, have the fault happen, sell on until all is as before, and let everybody hear their answers."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._load.run())
            try:
                await self._break_something()
            finally:
                self._load.stop.set()

    async def _break_something(self) -> None:
        self._say("selling")
        await pass_time(self._options.warm_seconds)
        begin = now()
        await pass_time(self._options.before_seconds)
        self._before = rate(self._orders.held_at, begin, now())
        if self._before < self._options.load_min:
            self.untrue.append(f"only {self._before:.0f} holds/s before the fault: that is no load")
        self._say(f"{self._before:,.0f} holds/s; {self._fault.what}")
        self._began_at = now()
        try:
            self._did = await self._fault.happen(self._scene)
        except (DidNotHappen, AssertionError) as error:
            self.untrue.append(f"the fault did not happen: {error}")
        self._ended_at = now()
        self._say(f"{self._did}; recovering")
        try:
            await until(self._is_back, seconds_max=RECOVERY_SECONDS_MAX)
        except AssertionError:
            self.untrue.append(f"it did not sell as fast again within {RECOVERY_SECONDS_MAX:g} s")
        await pass_time(self._options.after_seconds)

    def _is_back(self) -> bool:
        wanted = self._options.share_back * self._before
        self._recovery_seconds = seconds_to_recovery(self._orders.held_at, self._ended_at, wanted)
        return self._recovery_seconds is not None

    async def account(self) -> None:
        """Compare everything that buyers were told with what is there, and sell what is left. Raises NotSettled."""
        url, orders = self._office.url, self._orders
        self._say("settling what is unknown")
        no_answer = sum(order.is_unknown or order.state == "lost" for order in orders.all)
        settled = await settle(url, orders)
        self._counts = counts_of(orders, no_answer, settled)
        connection = await asyncpg.connect(self._office.database_url)
        try:
            self.untrue += untruths(await read_books(connection), orders)
            self.untrue += await differences(self._office.database_url)
            self._say("everybody pays")
            await pay_everything(url, orders)
            await until_all_is_paid(connection, self._fault.hold_seconds + LAPSE_SECONDS_MAX)
            self._say("selling what is left")
            await sell_the_rest(url, orders)
            books = await read_books(connection)
        finally:
            await connection.close()
        self.untrue += [each for each in untruths(books, orders) if each not in self.untrue]
        self.untrue += unsold(books, orders)
        self.untrue += await differences(self._office.database_url)
        sold = sum(len(row.tickets) for row in books.rows.values() if row.reference)
        self._counts = msgspec.structs.replace(self._counts, sold_in_the_end=sold)

    def trial(self) -> Trial:
        """Return what was found."""
        held_at, began_at, ended_at = self._orders.held_at, self._began_at, self._ended_at
        seconds = RECOVERY_SECONDS_MAX if self._recovery_seconds is None else self._recovery_seconds
        return Trial(
            did=self._did,
            before=self._before,
            during=rate(held_at, began_at, ended_at) if self._fault.lasts else None,
            silence_seconds=longest_silence(held_at, began_at, ended_at + seconds),
            recovery_seconds=self._recovery_seconds,
            counts=self._counts,
            untrue=self.untrue,
        )


def counts_of(orders: Orders, no_answer: int, settled: int) -> Counts:
    """Count what buyers know once everything that can be settled is."""
    return Counts(
        holds=sum(order.state == "held" for order in orders.all),
        payments=sum(order.paid == "yes" for order in orders.all),
        releases=sum(order.gone == "yes" for order in orders.all),
        refusals=sum(order.state == "refused" for order in orders.all),
        busy=sum(order.state in {"busy", "unsent"} for order in orders.all),
        no_answer=no_answer,
        settled=settled,
    )


async def run_trial(
    fault: Fault, options: Options, folder: Path, *, seed: int, say: Say, urls: Mapping[str, str] | None = None
) -> Trial:
    """Run one trial in an empty folder. Raises CannotRun where the fault cannot be made here.

    `urls` are those of migrated, empty servers that the fault does not touch; without them the office has its own.
    """
    say("starting")
    async with open_office(
        folder,
        hold_seconds=fault.hold_seconds,
        beside=fault.beside or urls is not None,
        urls=urls,
        moves_clock=fault.moves_clock,
        small_disk=fault.small_disk,
    ) as office:
        return await rehearse(fault, office, options, seed=seed, say=say)


async def rehearse(fault: Fault, office: Office, options: Options, *, seed: int, say: Say) -> Trial:
    """Have a fault happen to an office that runs, and return what was found."""
    habits = await put_on_sale(office.database_url, options)
    rehearsal = Rehearsal(fault, office, options, habits, seed, say)
    try:
        await rehearsal.sell_and_break()
        await rehearsal.account()
    except* (NotSettled, AssertionError) as group:
        rehearsal.untrue += sorted({str(error) for error in _leaves(group)})
    return rehearsal.trial()


def _leaves(group: BaseExceptionGroup[Exception]) -> Iterator[Exception]:
    for error in group.exceptions:
        if isinstance(error, ExceptionGroup):
            yield from _leaves(error)
        elif isinstance(error, Exception):
            yield error
