"""One run of the service, and one of the yardstick: emptied before, checked after. Rows are made of these."""

from bench.database import Database
from bench.errors import Untrue
from bench.load import Answers, Load
from bench.pgbench import BY_KEY, CLIENTS, run_pgbench
from bench.servers import Process
from bench.shop import QUANTITY, OnSale, Shop
from bench.stage import Stage

WARM_UP_SECONDS = 2.0
HELD = 201
BUSY = 503


def hold_load(
    service: Process, on_sale: OnSale, connections: int, script: str = "hold", *, too_many: bool = False
) -> Load:
    """Return the load that holds two tickets again and again; where they are too many, some may be told so."""
    expected = {HELD, 200} if script == "story" else {HELD}
    expected |= {BUSY} if too_many else set()
    return Load(
        script=script,
        url=service.url,
        arguments=[on_sale.types[0], QUANTITY, *on_sale.paths],
        expected=frozenset(expected),
        connections=connections,
    )


def warm_up(stage: Stage, service: Process, on_sale: OnSale) -> None:
    """Sell for a moment, so that no run is the first one."""
    stage.say("warming up")
    stage.send(hold_load(service, on_sale, stage.options.connections), WARM_UP_SECONDS)
    stage.shop.settled_reservations(on_sale)


def hold_rate(stage: Stage, service: Process, on_sale: OnSale, *, connections: int = 0, seconds: float = 0) -> float:
    """Sell from empty tables for a time; return holds a second. Raises Untrue."""
    too_many = connections > stage.options.connections
    connections = connections or stage.options.connections
    stage.shop.empty()
    load = hold_load(service, on_sale, connections, too_many=too_many)
    answers = stage.send(load, seconds or stage.options.seconds)
    check_holds(stage.shop, on_sale, answers, connections)
    return answers.per_second(HELD)


def story_rate(stage: Stage, service: Process, on_sale: OnSale) -> float:
    """Sell and have paid for a time; return whole stories a second. Raises Untrue."""
    stage.shop.empty()
    answers = stage.send(hold_load(service, on_sale, stage.options.connections, "story"), stage.options.seconds)
    check_holds(stage.shop, on_sale, answers, stage.options.connections)
    check_paid(stage.database, on_sale, answers.statuses.get(200, 0))
    return answers.per_second(200)


def check_holds(shop: Shop, on_sale: OnSale, answers: Answers, connections: int) -> None:
    """Raise Untrue unless the database holds what was answered, and the audit is clean."""
    shop.check_sold(on_sale, answered=answers.statuses.get(HELD, 0), under_way_max=connections)


def check_paid(database: Database, on_sale: OnSale, answered: int) -> None:
    """Raise Untrue unless every payment that was answered is in the database."""
    paid = int(database.number("SELECT count(paid_at) FROM reservation WHERE event_id = $1", on_sale.event_id))
    if paid < answered:
        raise Untrue(f"{answered:,} payments were answered 200, {paid:,} are in the database")


def transaction_rate(stage: Stage, on_sale: OnSale, transaction: str = "hold", *, clients: int = CLIENTS) -> float:
    """Run the yardstick from empty tables; return transactions (or stories) a second. Raises Untrue."""
    stage.shop.empty()
    done = run_pgbench(
        stage.database.url,
        transaction,
        seconds=stage.options.seconds,
        variables=on_sale.variables,
        clients=clients,
        settings=BY_KEY,
    )
    made = stage.shop.reservations(on_sale)
    if made != done.processed:
        raise Untrue(f"pgbench committed {done.processed:,} transactions, {made:,} reservations are in the database")
    return done.per_second
