"""Each statement that names one event is one that Citus sends to one node; each rule has a statement that breaks it."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping

import pytest
from sqlalchemy import TextClause

from boxoffice import catalog
from boxoffice.booking import hold_in_steps
from tests.booking.stock import OVER_ALL_EVENTS, STATEMENTS
from tests.citus.lint import Functions, Rule, refusals
from tests.house.tree import files_below

NOT_FOLLOWED = {"hold"}
"""What a distributed database books in another way: hold_in_steps.py."""
ROLLED_OTHERWISE = {"roll.LOCK_BEGUN"}
"""What a distributed database does one by one: roll.roll_one_by_one."""

OF_ALL_EVENTS = {"figures.SOLD_OUT", "listing.LIST_EVENTS", "roll.BEGUN"}
"""The catalogue's readings of many events; they lock nothing."""
OF_ONE_NODE = {"calendar.LOCK_IMPORTS", "demo.LOCK_DEMO"}
"""Locks that hold for one node: all changes go by DATABASE_URL, and so through the same node."""


def of_catalogue() -> Iterator[tuple[str, str]]:
    """Yield each statement of the catalogue with its name, parameters numbered."""
    for module in pkgutil.iter_modules(catalog.__path__):
        for name, value in vars(importlib.import_module(f"{catalog.__name__}.{module.name}")).items():
            if isinstance(value, TextClause):
                yield f"{module.name}.{name}", numbered(value.text)


def numbered(statement: str) -> str:
    """Return a statement with $1, $2 in place of :names."""
    names: dict[str, int] = {}
    return re.sub(r"(?<!:):(\w+)", lambda found: f"${names.setdefault(found[1], len(names) + 1)}", statement)


CATALOGUE: Mapping[str, str] = dict(of_catalogue())


@pytest.mark.parametrize("name", sorted(STATEMENTS.keys() - NOT_FOLLOWED))
def test_a_statement_of_booking_is_sent_to_one_node(functions: Functions, name: str) -> None:
    assert refusals(STATEMENTS[name], functions, over_all_events=name in OVER_ALL_EVENTS) == []


def test_the_looks_over_all_events_are_just_that(functions: Functions) -> None:
    looks = {name for name, text in STATEMENTS.items() if Rule.ONE_EVENT in refusals(text, functions)}
    assert looks == OVER_ALL_EVENTS - {"audit_has_citus", "audit_processes"}


def test_what_is_booked_in_steps_is_what_citus_does_not_follow(functions: Functions) -> None:
    followed = {name for name, text in STATEMENTS.items() if Rule.INSERT_WITHIN not in refusals(text, functions)}
    assert STATEMENTS.keys() - followed == NOT_FOLLOWED


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_a_statement_of_the_catalogue_is_sent_to_one_node(functions: Functions, name: str) -> None:
    broken = refusals(CATALOGUE[name], functions, over_all_events=name in OF_ALL_EVENTS)
    if name in ROLLED_OTHERWISE:
        assert broken == [Rule.ONE_EVENT, Rule.LOCKS_OF_ONE_EVENT]
    else:
        assert broken == ([Rule.PER_NODE] if name in OF_ONE_NODE else [])


def test_booking_keeps_no_statement_outside_of_its_files() -> None:
    found = [
        node.value
        for file in files_below("src/boxoffice/booking", ending=".py")
        for node in ast.walk(ast.parse(file.text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if re.match(r"\s*(WITH|SELECT|INSERT INTO|UPDATE|DELETE FROM|LOCK|LISTEN|NOTIFY)\b.* ", node.value)
    ]
    # The call of the function, and the beginning of a line of help.
    assert [text for text in found if text.strip() != "SELECT"] == []
    assert hold_in_steps.HOLD_IN_STEPS.startswith("SELECT ")


HELD = "UPDATE consumption c SET shard_current = 0 WHERE c.event_id = $1"
CONTROLS: Mapping[str, tuple[Rule, ...]] = {
    # A table without its event, beside one with it; by a list of events; by an expression; by OR.
    "SELECT FROM reservation r JOIN tickets t ON t.reservation_id = r.id WHERE r.event_id = $1": (Rule.ONE_EVENT,),
    "SELECT FROM tickets WHERE event_id = ANY ($1::bigint[])": (Rule.ONE_EVENT,),
    "SELECT FROM tickets WHERE event_id + 0 = $1": (Rule.ONE_EVENT,),
    "SELECT FROM tickets WHERE event_id = $1 OR shard_id = 0": (Rule.ONE_EVENT,),
    "SELECT FROM tickets WHERE reservation_id = $1": (Rule.ONE_EVENT,),
    "SELECT (SELECT count(*) FROM tickets) FROM event_date d WHERE d.event_id = $1": (Rule.ONE_EVENT,),
    "WITH w AS (SELECT id FROM reservation) SELECT FROM w": (Rule.ONE_EVENT,),
    "SELECT FROM (SELECT FROM consumption) s": (Rule.ONE_EVENT,),
    "SELECT FROM events e WHERE e.name = $1": (Rule.ONE_EVENT,),
    "SELECT FROM consumption c JOIN tickets t ON t.event_id = $2 WHERE c.event_id = $1": (Rule.ONE_PARAMETER,),
    "SELECT FROM reservation ORDER BY id FOR NO KEY UPDATE": (Rule.ONE_EVENT, Rule.LOCKS_OF_ONE_EVENT),
    "SELECT FROM events WHERE next_starts_at <= now() FOR NO KEY UPDATE SKIP LOCKED": (
        Rule.ONE_EVENT,
        Rule.LOCKS_OF_ONE_EVENT,
    ),
    "SELECT FROM ticket_type FOR SHARE": (Rule.REFERENCE_LOCKED,),
    "UPDATE reservation SET paid_at = now()": (Rule.ONE_EVENT, Rule.WRITES_OF_ONE_EVENT),
    "DELETE FROM tickets USING unnest($1::uuid[]) i WHERE id = i": (Rule.ONE_EVENT, Rule.WRITES_OF_ONE_EVENT),
    "WITH made AS (INSERT INTO event_import (event_id, uid) VALUES ($1, $2) RETURNING uid) SELECT uid FROM made": (
        Rule.INSERT_WITHIN,
    ),
    "WITH d AS (SELECT * FROM event_date WHERE event_id = $1) INSERT INTO event_import (event_id, uid)"
    " SELECT e.id, 'x' FROM events e JOIN d ON true WHERE e.id = $1": (Rule.PARTS_OF_INSERT,),
    "INSERT INTO event_import (event_id, uid) SELECT $1, u FROM unnest($2::text[]) u": (
        Rule.INSERT_FROM_A_TABLE,
        Rule.EVENT_OF_INSERT,
    ),
    "INSERT INTO event_import (uid, event_id) SELECT u, $1 FROM events e, unnest($2::text[]) u WHERE e.id = $1": (
        Rule.EVENT_OF_INSERT,
    ),
    "INSERT INTO event_import (event_id, uid) VALUES ($1, (SELECT name FROM events WHERE id = $1))": (
        Rule.SUBQUERY_OF_INSERT,
    ),
    f"{HELD} AND random() < 0.5": (Rule.VOLATILE,),
    "UPDATE reservation SET paid_at = clock_timestamp() WHERE event_id = $1": (Rule.VOLATILE,),
    "DELETE FROM reservation WHERE event_id = $1 AND expires_at < clock_timestamp()": (Rule.VOLATILE,),
    "INSERT INTO tickets (event_id, id) SELECT d.event_id, uuidv7() FROM event_date d WHERE d.event_id = $1": (
        Rule.VOLATILE,
    ),
    f"{HELD} RETURNING now()": (Rule.VOLATILE_RETURNED,),
    "SELECT (SELECT array_agg((c.shard_id, c.shard_max))) FROM consumption c WHERE c.event_id = $1": (
        Rule.ROWS_RETURNED,
    ),
    "SELECT ROW(c.shard_id, c.shard_max) FROM consumption c WHERE c.event_id = $1": (Rule.ROWS_RETURNED,),
    "UPDATE ticket_type SET name = $1 WHERE id = $2": (Rule.REFERENCE_LOCKED,),
    "INSERT INTO ticket_type (name) VALUES ($1)": (Rule.REFERENCE_LOCKED,),
    "UPDATE tickets SET event_id = 2 WHERE event_id = $1": (Rule.EVENT_CHANGED,),
    "SELECT pg_advisory_xact_lock($1)": (Rule.PER_NODE,),
    "SELECT pg_notify('sold', $1)": (Rule.PER_NODE,),
    "NOTIFY sold": (Rule.PER_NODE,),
    "LISTEN sold": (Rule.PER_NODE,),
}
"""Statements that break rules, and which."""


@pytest.mark.parametrize("statement", CONTROLS)
def test_control_a_statement_that_breaks_a_rule_is_refused(functions: Functions, statement: str) -> None:
    assert refusals(statement, functions) == list(CONTROLS[statement])


def test_every_rule_has_a_control() -> None:
    assert {rule for rules in CONTROLS.values() for rule in rules} == set(Rule)


@pytest.mark.parametrize(
    "statement",
    [
        HELD,
        "SELECT FROM tickets t JOIN reservation r ON r.event_id = t.event_id AND r.id = t.reservation_id"
        " WHERE t.event_id = $1::bigint",
        "SELECT (SELECT count(*) FROM tickets t WHERE t.event_id = d.event_id) FROM event_date d WHERE d.event_id = $1",
        "SELECT t.* FROM event_ticket_type o JOIN ticket_type t ON t.id = o.ticket_type_id WHERE o.event_id = $1",
        "SELECT FROM events e LEFT JOIN event_date d ON d.event_id = e.id WHERE e.id = $1",
        "SELECT count(*), now() FROM unnest($1::int[]) n",
    ],
)
def test_control_a_statement_that_breaks_none_is_let_be(functions: Functions, statement: str) -> None:
    assert refusals(statement, functions) == []


def test_control_a_look_over_all_events_may_not_lock(functions: Functions) -> None:
    locking = f"{STATEMENTS['audit_events']} FOR NO KEY UPDATE"
    assert refusals(locking, functions, over_all_events=True) == [Rule.LOCKS_OF_ONE_EVENT]
