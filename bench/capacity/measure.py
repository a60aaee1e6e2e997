"""Runs a configuration once: a service of its own, tables emptied before, all that was answered recounted after."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

from bench.capacity.accounts import Accounts, balance
from bench.capacity.relay import Counted, relay
from bench.capacity.values import Configuration, Run, Work
from bench.errors import CannotRun
from bench.load import Answers, Load
from bench.runs import BUSY, HELD, hold_load
from bench.servers import Process
from bench.shop import OnSale
from bench.stage import Stage
from bench.timetable import timetable

WARM_UP_SECONDS = 1.0
RELAYED_SECONDS = 2.0
RELAYED_CONNECTIONS_MAX = 64
ANSWER_SECONDS = 0.05
BUSY_SHARE_MAX = 0.02


class Range:
    """All configurations, put on sale once; each can then be run again and again."""

    def __init__(self, stage: Stage, configurations: Sequence[Configuration]) -> None:
        self._stage = stage
        self._accounts = Accounts(stage.servers)
        self._on_sale = {each.name: put_on_sale(stage, each) for each in configurations}

    def run(self, configuration: Configuration) -> Run:
        """Run one for the stage's seconds. Raises Untrue unless the database holds what was answered."""
        stage, on_sale = self._stage, self._on_sale[configuration.name]
        stage.shop.empty()
        first = self._accounts.late()
        with stage.service(workers=configuration.workers) as service:
            warm_up = send(stage, service, on_sale, configuration, WARM_UP_SECONDS)
            before, began = self._accounts.spent(service), time.monotonic()
            holds, rate = send(stage, service, on_sale, configuration, stage.options.seconds)
            seconds = time.monotonic() - began
            after = self._accounts.spent(service)
            under_way = 2 * configuration.connections
            stage.shop.check_sold(*on_sale, answered=warm_up[0] + holds, under_way_max=under_way)
        done = Work(seconds=seconds, holds=holds, tickets=holds * configuration.tickets)
        late = first, self._accounts.late()
        return balance(before, after, late, done=done, name=configuration.name, rate=rate)

    def run_relayed(self, configuration: Configuration) -> Run:
        """Run one for a moment with relays before the service and before the database, for the bytes alone."""
        stage, on_sale = self._stage, self._on_sale[configuration.name]
        stage.shop.empty()
        first = self._accounts.late()
        to_database = urlsplit(stage.database.url)
        with relay(to_database.port or 0) as (database_port, database):
            there = urlunsplit(to_database._replace(netloc=_with_port(to_database.netloc, database_port)))
            with stage.service(database_url=there) as service, relay(service.port) as (port, http):
                before = self._accounts.flights(), _bytes(http, database)
                load = replace(load_of(service, on_sale, configuration), url=f"http://127.0.0.1:{port}")
                load = replace(load, connections=min(load.connections, RELAYED_CONNECTIONS_MAX))
                answered = stage.send(load, RELAYED_SECONDS).statuses.get(HELD, 0)
                stage.shop.check_sold(*on_sale, answered=answered, under_way_max=configuration.connections)
                after, holds = (self._accounts.flights(), _bytes(http, database)), stage.shop.reservations(*on_sale)
        last = self._accounts.late()
        rows = (last.rows - first.rows) / max(1.0, last.flights - first.flights)
        flights = after[0] - before[0]
        tickets = holds * configuration.tickets
        work = Work(seconds=RELAYED_SECONDS, flights=flights, holds=holds, tickets=tickets, rows=rows * flights)
        spent = {way: after[1][way] - before[1][way] for way in after[1]}
        return Run(configuration=configuration.name, rate=0.0, work=work, spent=spent)


def _with_port(place: str, port: int) -> str:
    return f"{place.rpartition(':')[0]}:{port}"


def _bytes(http: Counted, database: Counted) -> dict[str, float]:
    """Return what has passed so far, as the service sees it."""
    return {
        "http_in": http.to_server,
        "http_out": http.from_server,
        "database_in": database.from_server,
        "database_out": database.to_server,
    }


def put_on_sale(stage: Stage, configuration: Configuration) -> Sequence[OnSale]:
    """Put the events of a configuration into the shop."""
    if configuration.events > 1:
        return stage.shop.put_events(configuration.events)
    return [stage.shop.put_event(shards=configuration.shards, dates=configuration.dates)]


def load_of(service: Process, on_sale: Sequence[OnSale], configuration: Configuration) -> Load:
    """Return the closed loop of a configuration."""
    load = hold_load(service, on_sale[0], configuration.connections, too_many=True)
    paths = [path for event in on_sale for path in event.paths]
    return replace(load, arguments=[on_sale[0].types[0], configuration.tickets, *paths])


def check_served(answers: Answers, name: str) -> None:
    """Raise CannotRun when more than a few were told to come back: then something else was in the way."""
    busy, held = answers.statuses.get(BUSY, 0), answers.statuses.get(HELD, 0)
    if busy > BUSY_SHARE_MAX * (busy + held):
        raise CannotRun(f"{name}: {busy:,} of {busy + held:,} holds were answered {BUSY}; is the machine quiet?")


def send(
    stage: Stage, service: Process, on_sale: Sequence[OnSale], configuration: Configuration, seconds: float
) -> tuple[int, float]:
    """Send a load for a time; return holds made, and holds a second."""
    if configuration.per_second is None:
        answers = stage.send(load_of(service, on_sale, configuration), seconds)
        check_served(answers, configuration.name)
        return answers.statuses.get(HELD, 0), answers.per_second(HELD)
    if configuration.per_second == 0:
        time.sleep(seconds)
        return 0, 0.0
    table = timetable(configuration.per_second, answer_seconds=ANSWER_SECONDS)
    body = f'[{{"tickettypeId":{on_sale[0].types[0]},"quantity":{configuration.tickets}}}]'
    url = service.url + on_sale[0].paths[0]
    timed = stage.send_timed(url, table, seconds, body=body, expected=frozenset({HELD}))
    return len(timed), len(timed) / (max(each.answered_ms for each in timed) / 1000)


def rounds(
    configurations: Sequence[Configuration], count: int, run: Callable[[Configuration], Run], say: Callable[[str], None]
) -> list[Run]:
    """Run every configuration in turn, and then all of them again, so that none has the best minute."""
    found: list[Run] = []
    for number in range(1, count + 1):
        for each in configurations:
            found.append(run(each))
            say(f"round {number} of {count}: {each.name}, {found[-1].rate:,.0f} holds/s")
    return found
