"""Every way in which the truth can be wrong, each made by one statement in a small database that has sold."""

from collections.abc import Sequence
from dataclasses import dataclass, field

DIFFERS = "the counter is not the number of tickets that remember it"
BELOW = "the counter is below 0"
ABOVE = "the counter is above its maximum"
NUMBER = "the date has not as many shards as its event"
NUMBER_OF_TYPE = "the type has not as many shards as its event offers it with"
NOT_FROM_0 = "the first shard is not 0"
NOT_TO_N = "the last shard is not n-1"
SUM = "the maxima of the shards do not add up to the limit"
MIXED = "some shards have a maximum and some have none"
TOO_MANY = "more tickets than the event may sell"
TOO_MANY_OF_TYPE = "more tickets than the type may sell"
NO_RESERVATION = "tickets without their reservation"
OTHER_DATE = "tickets on another date than their reservation"
NO_TICKETS = "a reservation without tickets"

# Three tickets of a paid reservation and one of a held one, on the first date; event 1, types 1 (6 at most) and 2.
SELL = """
INSERT INTO reservation (event_id, id, date, start_time, created_at, expires_at, paid_at, payment_ref) VALUES
    (1, '00000000-0000-7000-8000-000000000001', '2030-05-01', '20:00', now(), now() + interval '1 hour', now(), 'x'),
    (1, '00000000-0000-7000-8000-000000000002', '2030-05-01', '20:00', now(), now() + interval '1 hour', NULL, NULL);
INSERT INTO tickets (event_id, id, date, start_time, ticket_type, reservation_id, shard_id, tt_shard_id) VALUES
    (1, gen_random_uuid(), '2030-05-01', '20:00', 1, '00000000-0000-7000-8000-000000000001', 0, 0),
    (1, gen_random_uuid(), '2030-05-01', '20:00', 1, '00000000-0000-7000-8000-000000000001', 0, 0),
    (1, gen_random_uuid(), '2030-05-01', '20:00', 2, '00000000-0000-7000-8000-000000000001', 1, 0),
    (1, gen_random_uuid(), '2030-05-01', '20:00', 1, '00000000-0000-7000-8000-000000000002', 0, 1);
UPDATE consumption SET shard_current = 3 WHERE date = '2030-05-01' AND shard_id = 0;
UPDATE consumption SET shard_current = 1 WHERE date = '2030-05-01' AND shard_id = 1;
UPDATE consumption_tt SET shard_current = 2 WHERE date = '2030-05-01' AND ticket_type = 1 AND shard_id = 0;
UPDATE consumption_tt SET shard_current = 1 WHERE date = '2030-05-01' AND ticket_type = 1 AND shard_id = 1;
UPDATE consumption_tt SET shard_current = 1 WHERE date = '2030-05-01' AND ticket_type = 2 AND shard_id = 0;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corruption:
    """One thing made wrong, constraints that would forbid it, and all that the audit must say of it."""

    name: str
    statement: str
    without: Sequence[tuple[str, str]] = ()
    found: frozenset[tuple[int, str]] = field(default_factory=frozenset)


def corruption(
    name: str, statement: str, *found: tuple[int, str], without: Sequence[tuple[str, str]] = ()
) -> Corruption:
    return Corruption(name=name, statement=statement, found=frozenset(found), without=without)


WITHIN = [("consumption", "consumption_within_limit")]
WITHIN_OF_TYPE = [("consumption_tt", "consumption_tt_within_limit")]
TO_RESERVATION = [("tickets", "tickets_reservation_fkey")]
TO_DATE = [("consumption", "consumption_event_date_fkey"), ("consumption_tt", "consumption_tt_event_date_fkey")]

CORRUPTIONS = [
    corruption(
        "a counter too high",
        "UPDATE consumption SET shard_current = 1 WHERE date = '2030-05-02' AND shard_id = 1",
        (1, DIFFERS),
    ),
    corruption(
        "a counter too low",
        "UPDATE consumption SET shard_current = 2 WHERE shard_current = 3",
        (1, DIFFERS),
    ),
    corruption(
        "a type's counter too high",
        "UPDATE consumption_tt SET shard_current = 1 WHERE date = '2030-05-02' AND ticket_type = 2",
        (1, DIFFERS),
    ),
    corruption(
        "a ticket too few",
        "DELETE FROM tickets WHERE ticket_type = 2",
        (1, DIFFERS),
    ),
    corruption(
        "a ticket of another shard",
        "UPDATE tickets SET shard_id = 1 WHERE tt_shard_id = 1",
        (1, DIFFERS),
    ),
    corruption(
        "a counter below 0",
        "UPDATE consumption SET shard_current = -1 WHERE date = '2030-05-02' AND shard_id = 1",
        (1, DIFFERS),
        (1, BELOW),
        without=WITHIN,
    ),
    corruption(
        "a type's counter below 0",
        "UPDATE consumption_tt SET shard_current = -1 WHERE date = '2030-05-02' AND ticket_type = 2",
        (1, DIFFERS),
        (1, BELOW),
        without=WITHIN_OF_TYPE,
    ),
    corruption(
        "a counter above its maximum",
        "UPDATE consumption SET shard_max = CASE shard_id WHEN 0 THEN 2 WHEN 1 THEN 5 ELSE 3 END",
        (1, ABOVE),
        without=WITHIN,
    ),
    corruption(
        "a type's counter above its maximum",
        "UPDATE consumption_tt SET shard_max = CASE shard_id WHEN 0 THEN 1 ELSE 5 END WHERE ticket_type = 1",
        (1, ABOVE),
        without=WITHIN_OF_TYPE,
    ),
    corruption(
        "the last shard missing",
        "DELETE FROM consumption WHERE date = '2030-05-02' AND shard_id = 2",
        (2, NUMBER),
        (2, NOT_TO_N),
        (2, SUM),
    ),
    corruption(
        "a shard that tickets remember missing",
        "DELETE FROM consumption WHERE date = '2030-05-01' AND shard_id = 0",
        (1, DIFFERS),
        (2, NUMBER),
        (2, NOT_FROM_0),
        (2, SUM),
    ),
    corruption(
        "all shards of a date missing",
        "DELETE FROM consumption WHERE date = '2030-05-02'",
        (2, NUMBER),
        (2, SUM),
    ),
    corruption(
        "a hole in the numbers of shards",
        "UPDATE consumption SET shard_id = 7 WHERE date = '2030-05-02' AND shard_id = 2",
        (2, NOT_TO_N),
    ),
    corruption(
        "a shard too many",
        "INSERT INTO consumption VALUES (1, '2030-05-02', '20:00', 3, 0, 0)",
        (2, NUMBER),
        (2, NOT_TO_N),
    ),
    corruption(
        "a maximum one too high",
        "UPDATE consumption SET shard_max = shard_max + 1 WHERE date = '2030-05-02' AND shard_id = 1",
        (2, SUM),
    ),
    corruption(
        "a type's shard missing",
        "DELETE FROM consumption_tt WHERE date = '2030-05-02' AND ticket_type = 1 AND shard_id = 0",
        (2, NUMBER_OF_TYPE),
        (2, NOT_FROM_0),
        (2, SUM),
    ),
    corruption(
        "an offered type missing on a date",
        "DELETE FROM consumption_tt WHERE date = '2030-05-02' AND ticket_type = 2",
        (2, NUMBER_OF_TYPE),
    ),
    corruption(
        "a hole in the numbers of a type's shards",
        "UPDATE consumption_tt SET shard_id = 7 WHERE date = '2030-05-02' AND ticket_type = 1 AND shard_id = 1",
        (2, NOT_TO_N),
    ),
    corruption(
        "a type's maximum one too low",
        "UPDATE consumption_tt SET shard_max = shard_max - 1"
        " WHERE date = '2030-05-02' AND ticket_type = 1 AND shard_id = 1",
        (2, SUM),
    ),
    corruption(
        "a maximum where the type has no limit",
        "UPDATE consumption_tt SET shard_max = 5 WHERE date = '2030-05-02' AND ticket_type = 2",
        (2, SUM),
    ),
    corruption(
        "no maximum in one shard of a type with a limit",
        "UPDATE consumption_tt SET shard_max = CASE shard_id WHEN 0 THEN 6 END"
        " WHERE date = '2030-05-02' AND ticket_type = 1",
        (2, MIXED),
    ),
    corruption(
        "a date missing whose shards are there",
        "DELETE FROM event_date WHERE date = '2030-05-02'",
        (2, NUMBER),
        (2, NUMBER_OF_TYPE),
        (2, SUM),
        without=TO_DATE,
    ),
    corruption(
        "the event's num_shards changed without its dates",
        "UPDATE events SET num_shards = 4",
        (2, NUMBER),
        (2, NOT_TO_N),
    ),
    corruption(
        "more tickets than the event may sell",
        "UPDATE events SET max_tickets = 3",
        (2, SUM),
        (3, TOO_MANY),
    ),
    corruption(
        "more tickets than the type may sell",
        "UPDATE event_ticket_type SET max_per_tt = 2 WHERE ticket_type_id = 1",
        (2, SUM),
        (3, TOO_MANY_OF_TYPE),
    ),
    corruption(
        "tickets without their reservation",
        "DELETE FROM reservation WHERE id = '00000000-0000-7000-8000-000000000002'",
        (4, NO_RESERVATION),
        without=TO_RESERVATION,
    ),
    corruption(
        "a reservation without tickets",
        "INSERT INTO reservation SELECT event_id, gen_random_uuid(), date, start_time, NULL, created_at, expires_at"
        " FROM reservation WHERE id = '00000000-0000-7000-8000-000000000002'",
        (4, NO_TICKETS),
    ),
    corruption(
        "a ticket on the wrong date",
        "UPDATE tickets SET date = '2030-05-02' WHERE reservation_id = '00000000-0000-7000-8000-000000000002'",
        (1, DIFFERS),
        (4, OTHER_DATE),
    ),
]
