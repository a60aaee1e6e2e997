"""The row of round trips: how often an uncontended hold asks Postgres, as Postgres itself counts."""

import time
from collections.abc import Mapping

import msgspec

from bench.routes import ask
from bench.runs import HELD
from bench.shop import QUANTITY
from bench.stage import Stage
from bench.values import Fact, Measured, Pair

HOLDS = 50
IDLE_SECONDS = 3.0
RESET = "SELECT pg_stat_statements_reset()"
# Of each statement that a client sent in this database how often; not those of ours, which look from the side.
CALLS = """
    SELECT s.queryid, left(regexp_replace(min(s.query), '^(\\s*--[^\\n]*\\n)*\\s*', ''), 60) AS query, sum(s.calls) AS calls
    FROM pg_stat_statements s
    JOIN pg_database d ON d.oid = s.dbid AND d.datname = current_database()
    WHERE s.toplevel AND s.query NOT LIKE '%pg_stat_statements%'
    GROUP BY s.queryid
"""


def round_trips(stage: Stage) -> Measured:
    """Count the statements of each of many holds, one after the other, without those of an idle service."""
    on_sale = stage.shop.put_event(shards=16)
    stage.shop.empty()
    body = msgspec.json.encode([{"tickettypeId": on_sale.types[0], "quantity": QUANTITY}]).decode()
    with stage.service() as service:
        ask(service, "POST", on_sale.paths[0], body, expected=HELD)
        stage.say("listening to the idle service")
        stage.database.execute(RESET)
        time.sleep(IDLE_SECONDS)
        idle = _calls(stage)
        counts, seen = [], dict[str, int]()
        for number in range(1, HOLDS + 1):
            stage.say(f"hold {number} of {HOLDS}")
            stage.database.execute(RESET)
            ask(service, "POST", on_sale.paths[0], body, expected=HELD)
            calls = {query: count for query, count in _calls(stage).items() if query not in idle}
            counts.append(sum(calls.values()))
            for query, count in calls.items():
                seen[query] = seen.get(query, 0) + count
    stage.shop.check_sold(on_sale, answered=HOLDS + 1, under_way_max=0)
    facts = [Fact(what=query, value=count / HOLDS, unit="calls a hold") for query, count in sorted(seen.items())]
    return Measured(pairs=[Pair(yardstick=1, service=count) for count in counts], facts=facts)


def _calls(stage: Stage) -> Mapping[str, int]:
    """Return how often each statement was sent since the last reset, by its first words and number."""
    return {f"{row['query']} #{row['queryid'] % 10_000}": int(row["calls"]) for row in stage.database.rows(CALLS)}
