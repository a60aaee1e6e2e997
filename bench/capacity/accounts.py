"""What the parts have spent, read from the side: /proc, PostgreSQL's and Redis's own counts.

PostgreSQL's backends report some of their counts only now and then, and the rest when they end. So those are read
before a service starts and after it has stopped, and taken as so many for each flight; all else is read at once.
"""

import resource
import time
from collections.abc import Mapping

import msgspec
import redis

from bench.capacity.values import PARTS, Run, Work
from bench.processes import Used, family, machine_program_seconds, read_processes
from bench.servers import Process, Servers

KERNEL_THREADS = 2
"""The process that is above all threads of the kernel itself."""

FLIGHTS = "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE query LIKE '%WITH claimed AS (%'"
LATE_COUNTS = """
    SELECT
        (SELECT sum(n_tup_upd) FROM pg_stat_user_tables WHERE relname IN ('consumption', 'consumption_tt'))::float8,
        (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database())::float8,
        (SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal')::float8,
        (SELECT sum(write_time + fsync_time) FROM pg_stat_io WHERE object = 'wal')::float8
"""
LOG_END = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8"


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """What has been spent until a moment, since whatever beginning."""

    flights: float
    spent: dict[str, float]
    busy: float
    own: float


class Late(msgspec.Struct, frozen=True, kw_only=True):
    """What backends have reported until a moment at which none of them lives."""

    at: float
    flights: float
    rows: float
    commits: float
    wal_syncs: float
    commit_ms: float


class Accounts:
    """Reads what the servers of a run have spent."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self._database = servers.database
        self._redis = redis.Redis.from_url(servers.settings().redis_url or "")
        self._database.execute("ALTER SYSTEM SET track_wal_io_timing = on", "SELECT pg_reload_conf()")

    def late(self) -> Late:
        """Read what is only sure while no service runs."""
        rows, commits, syncs, milliseconds = self._database.rows(LATE_COUNTS)[0]
        return Late(
            at=time.monotonic(),
            flights=self.flights(),
            rows=rows,
            commits=commits,
            wal_syncs=syncs,
            commit_ms=milliseconds,
        )

    def flights(self) -> float:
        """Read how many flights of holds the database has booked."""
        return self._database.number(FLIGHTS)

    def spent(self, service: Process) -> Spent:
        """Read everything else. The generator's time is that of our children which have ended."""
        told: Mapping[str, Mapping[str, object] | float] = self._redis.info("everything")
        log_end, flights = self._database.number(LOG_END), self.flights()
        processes = read_processes()
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = {
            "web": _seconds(service.process_id, processes),
            "database": _seconds(self._servers.postgres_process_id, processes),
            "redis": _number(told, "used_cpu_user") + _number(told, "used_cpu_sys"),
            "kernel": _seconds(KERNEL_THREADS, processes),
            "generator": ended.ru_utime + ended.ru_stime,
            "wal_bytes": log_end,
            "redis_commands": _number(told, "total_commands_processed"),
            "redis_bytes": _number(told, "total_net_input_bytes") + _number(told, "total_net_output_bytes"),
        }
        return Spent(flights=flights, spent=spent, busy=machine_program_seconds() or 0.0, own=time.process_time())


def _seconds(process_id: int, processes: Mapping[int, Used]) -> float:
    return sum(each.processor_seconds for each in family(process_id, processes))


def _number(told: Mapping[str, object], name: str) -> float:
    return float(str(told[name]))


def balance(before: Spent, after: Spent, late: tuple[Late, Late], *, done: Work, name: str, rate: float) -> Run:
    """Return what a run spent between two readings; what was reported late, by the share of the flights."""
    flights = after.flights - before.flights
    first, last = late
    all_flights = last.flights - first.flights
    share = flights / all_flights if all_flights else done.seconds / (last.at - first.at)
    spent = {each: after.spent[each] - before.spent[each] for each in before.spent}
    spent["wal_syncs"] = (last.wal_syncs - first.wal_syncs) * share
    spent["commits"] = (last.commits - first.commits) * share
    busy = after.busy - before.busy
    ours = sum(spent[part] for part in PARTS) + after.own - before.own
    return Run(
        configuration=name,
        rate=rate,
        work=msgspec.structs.replace(done, flights=flights, rows=(last.rows - first.rows) * share),
        spent=spent,
        others=max(0.0, busy - ours),
        commit_ms=(last.commit_ms - first.commit_ms) / max(1.0, last.wal_syncs - first.wal_syncs),
    )
