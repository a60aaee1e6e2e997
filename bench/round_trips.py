"""The row of round trips: how often an uncontended hold asks Postgres, as Postgres itself counts."""

from collections import Counter
from collections.abc import Mapping

import msgspec

from bench.routes import ask
from bench.runs import HELD
from bench.shop import QUANTITY
from bench.stage import Stage
from bench.values import Fact, Measured, Pair

HOLDS = 50
WARM_UPS = 10
SWEEP_MS = 1_000
QUERY_CHARACTERS = 80
RESET = "SELECT pg_stat_statements_reset()"
# Of each statement that a client sent in this database how often; not those of ours, which look from the side.
CALLS = """
    SELECT s.queryid, sum(s.calls) AS calls,
        min(regexp_replace(s.query, '(--[^\\n]*\\n|\\s)+', ' ', 'g')) AS query
    FROM pg_stat_statements s
    JOIN pg_database d ON d.oid = s.dbid AND d.datname = current_database()
    WHERE s.toplevel AND s.query NOT LIKE '%pg_stat_statements%'
    GROUP BY s.queryid
"""


def round_trips(stage: Stage) -> Measured:
    """Count the statements that reach Postgres during each of many holds, one after the other.

    The sweeper's look and a description that has become too old fall into a few of them; the quartiles do not see that.
    """
    on_sale = stage.shop.put_event(shards=16)
    stage.shop.empty()
    body = msgspec.json.encode([{"tickettypeId": on_sale.types[0], "quantity": QUANTITY}]).decode()
    counts: list[int] = []
    seen = Counter[str]()
    with stage.service(sweep_interval_ms=SWEEP_MS) as service:
        for _ in range(WARM_UPS):
            ask(service, "POST", on_sale.paths[0], body, expected=HELD)
        stage.say(f"{HOLDS} holds, one by one")
        for _ in range(HOLDS):
            stage.database.execute(RESET)
            ask(service, "POST", on_sale.paths[0], body, expected=HELD)
            calls = _calls(stage)
            counts.append(sum(calls.values()))
            seen.update(calls)
    stage.shop.check_sold(on_sale, answered=HOLDS + WARM_UPS, under_way_max=0)
    facts = [Fact(what=query, value=count / HOLDS, unit="calls a hold") for query, count in seen.most_common()]
    return Measured(pairs=[Pair(yardstick=1, service=count) for count in counts], facts=facts)


def _calls(stage: Stage) -> Mapping[str, int]:
    """Return how often each statement was sent since the last reset, by its first words."""
    return {row["query"].strip()[:QUERY_CHARACTERS]: int(row["calls"]) for row in stage.database.rows(CALLS)}
