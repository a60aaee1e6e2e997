"""The checks after each run, on a real database: what was answered and what is there must be the same."""

import pytest

from bench.database import Database
from bench.errors import CannotRun, Untrue
from bench.pgbench import median_ms, run_pgbench
from bench.shop import OnSale, Shop


@pytest.fixture
def shop(database_url: str) -> Shop:
    """A shop without events, in an empty database."""
    return Shop(Database(database_url))


@pytest.fixture
def sold(shop: Shop) -> tuple[OnSale, int]:
    """One event of which the yardstick has just sold, and how many holds."""
    on_sale = shop.put_event(shards=4, dates=3)
    done = run_pgbench(shop.database.url, "hold", seconds=1, variables=on_sale.variables, clients=2)
    return on_sale, done.processed


def test_the_yardstick_sells_as_the_service_does(shop: Shop, sold: tuple[OnSale, int]) -> None:
    on_sale, holds = sold
    assert shop.reservations(on_sale) == holds > 0
    shop.database.check_audit()
    assert shop.database.number("SELECT count(DISTINCT date) FROM tickets") == on_sale.dates
    assert shop.database.number("SELECT count(DISTINCT shard_id) FROM tickets") == on_sale.shards


@pytest.mark.parametrize("transaction", ["hold_in_one_statement", "story"])
def test_its_other_forms_do_too(shop: Shop, transaction: str) -> None:
    on_sale = shop.put_event(shards=4)
    done = run_pgbench(shop.database.url, transaction, seconds=1, variables=on_sale.variables, clients=2)
    shop.check_sold(on_sale, answered=done.processed, under_way_max=0)
    paid = shop.database.number("SELECT count(paid_at) FROM reservation")
    assert paid == (done.processed if transaction == "story" else 0)


def test_the_median_of_one_client_is_some_milliseconds(shop: Shop) -> None:
    on_sale = shop.put_event(shards=4)
    assert 0.01 < median_ms(shop.database.url, "hold", seconds=1, variables=on_sale.variables) < 1_000


def test_as_many_answers_as_holds_pass(shop: Shop, sold: tuple[OnSale, int]) -> None:
    on_sale, holds = sold
    shop.check_sold(on_sale, answered=holds, under_way_max=0)
    shop.check_sold(on_sale, answered=holds - 2, under_way_max=2)


def test_an_answered_hold_that_is_not_there_is_an_untruth(shop: Shop, sold: tuple[OnSale, int]) -> None:
    on_sale, holds = sold
    with pytest.raises(Untrue, match=r"answered 201, .* are in the database"):
        shop.check_sold(on_sale, answered=holds + 1, under_way_max=100)


def test_more_holds_than_could_be_under_way_are_an_untruth(shop: Shop, sold: tuple[OnSale, int]) -> None:
    on_sale, holds = sold
    with pytest.raises(Untrue, match=r"only .* were answered"):
        shop.check_sold(on_sale, answered=holds - 3, under_way_max=2)


def test_a_counter_that_is_wrong_by_one_is_an_untruth(shop: Shop, sold: tuple[OnSale, int]) -> None:
    on_sale, holds = sold
    shop.database.execute("UPDATE consumption SET shard_current = shard_current + 1 WHERE shard_id = 0")
    with pytest.raises(Untrue, match="audit found"):
        shop.check_sold(on_sale, answered=holds, under_way_max=0)


def test_an_emptied_shop_has_sold_nothing(shop: Shop, sold: tuple[OnSale, int]) -> None:
    on_sale, _ = sold
    shop.empty()
    shop.check_sold(on_sale, answered=0, under_way_max=0)
    assert shop.database.number("SELECT sum(shard_current) FROM consumption") == 0


def test_a_database_that_refuses_keeps_the_row_from_running(shop: Shop) -> None:
    with pytest.raises(CannotRun, match="no_such_table"):
        shop.database.execute("SELECT FROM no_such_table")
