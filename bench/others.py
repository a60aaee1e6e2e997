"""How others keep from overselling, in SQL on tables of their own, beside the yardstick.

Each sells two tickets of one date in each transaction and inserts the reservation, as the yardstick does. None has to
keep a limit by ticket type, which is in their favour.
"""

from collections.abc import Callable
from functools import partial

from bench.database import Database
from bench.errors import Untrue
from bench.pgbench import run_pgbench
from bench.runs import transaction_rate
from bench.shop import HOLD_SECONDS, PLENTY
from bench.stage import Stage
from bench.tables import statements
from bench.values import Measured

SEATS_PER_SECOND = 20_000
SHARDS = 16

EMPTY = "TRUNCATE others.counter, others.reservation, others.ticket, others.seat"
PUT_COUNTER = "INSERT INTO others.counter VALUES (1, 0, $1)"
PUT_SEATS = "INSERT INTO others.seat SELECT 1, n FROM generate_series(1, $1::integer) n"
PUT_RESERVATIONS = """
    INSERT INTO others.reservation SELECT 1, uuidv7(), now(), now() + interval '1 hour'
    FROM generate_series(1, $1::integer)
"""
PUT_TICKETS = "INSERT INTO others.ticket SELECT 1, r.id, uuidv7() FROM others.reservation r, generate_series(1, 2)"
FREE_SEATS = "CREATE INDEX free_seats ON others.seat (event_id, number) WHERE reservation_id IS NULL"
SEATS_BY_STATE = "CREATE INDEX seats_by_state ON others.seat (event_id, (reservation_id IS NULL), number)"


def one_counter_row(stage: Stage) -> Measured:
    """One row counts what is sold."""
    return _beside(stage, "other_counter", "SELECT sold FROM others.counter")


def seats_in_order(stage: Stage) -> Measured:
    """A row per ticket, the first free ones that nobody else has locked."""
    return _beside(stage, "other_seats_in_order", _HELD_SEATS, prepare=partial(_put_seats, index=SEATS_BY_STATE))


def seats_by_partial_index(stage: Stage) -> Measured:
    """A row per ticket, any free ones by a partial index, in one statement."""
    return _beside(stage, "other_free_seats", _HELD_SEATS, prepare=partial(_put_seats, index=FREE_SEATS))


def recount(stage: Stage, *, sold: int) -> Measured:
    """A lock for each date, and all its tickets counted before each sale."""
    return _beside(stage, "other_recount", "SELECT count(*) FROM others.ticket", prepare=partial(_put_sold, sold=sold))


def serializable(stage: Stage) -> Measured:
    """Read what is sold, write it back, and try again whenever Postgres refuses."""
    extra = ("--max-tries=0",)
    return _beside(stage, "other_serializable", "SELECT sold FROM others.counter", extra=extra)


_HELD_SEATS = "SELECT count(reservation_id) FROM others.seat"


def _nothing(_stage: Stage) -> None:
    """Leave the tables empty."""


def _beside(
    stage: Stage,
    transaction: str,
    tickets: str,
    *,
    prepare: Callable[[Stage], None] = _nothing,
    extra: tuple[str, ...] = (),
) -> Measured:
    on_sale = stage.shop.put_event(shards=SHARDS)
    stage.database.execute(*statements("others"))

    def other() -> float:
        stage.database.execute(EMPTY)
        stage.database.rows(PUT_COUNTER, PLENTY)
        prepare(stage)
        stage.database.execute("VACUUM ANALYZE others.seat, others.ticket, others.counter", "CHECKPOINT")
        before = stage.database.number(tickets)
        done = run_pgbench(
            stage.database.url,
            transaction,
            seconds=stage.options.seconds,
            variables={"event": 1, "hold_seconds": HOLD_SECONDS},
            extra=extra,
        )
        _check_sold(stage.database, tickets, before, done.processed)
        return done.per_second

    try:
        return Measured(pairs=stage.pairs(lambda: transaction_rate(stage, on_sale), other))
    finally:
        stage.database.execute("DROP SCHEMA others CASCADE")


def _check_sold(database: Database, tickets: str, before: float, transactions: int) -> None:
    sold = database.number(tickets) - before
    if sold != 2 * transactions:
        raise Untrue(f"{transactions:,} transactions sold {sold:,.0f} tickets, not two each")


def _put_seats(stage: Stage, *, index: str) -> None:
    stage.database.execute("DROP INDEX IF EXISTS others.free_seats, others.seats_by_state")
    stage.database.rows(PUT_SEATS, round(max(1.0, stage.options.seconds) * SEATS_PER_SECOND))
    stage.database.execute(index)


def _put_sold(stage: Stage, *, sold: int) -> None:
    stage.database.rows(PUT_RESERVATIONS, sold // 2)
    stage.database.execute(PUT_TICKETS)
