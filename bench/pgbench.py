"""pgbench: transactions in SQL, as fast as one connection each can send them."""

import re
import statistics
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bench.errors import CannotRun, Untrue
from bench.programs import find_program, run_program

TRANSACTIONS = Path(__file__).parent / "transactions"
CLIENTS = 32
BY_KEY = "-c enable_seqscan=off"
"""What the service's own booking connections set (decision 0015), for transactions on its tables."""

_PROCESSED = re.compile(r"^number of transactions actually processed: (\d+)", re.M)
_FAILED = re.compile(r"^number of failed transactions: (\d+)", re.M)
_RETRIED = re.compile(r"^number of transactions retried: (\d+)", re.M)
_RATE = re.compile(r"^tps = ([0-9.]+) \(without initial connection time\)", re.M)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transactions:
    """What pgbench did: transactions committed, given up, and committed only after another try."""

    processed: int
    failed: int
    retried: int
    per_second: float


def parse_pgbench(output: str) -> Transactions:
    """Read pgbench's report. Raises CannotRun when it has none."""
    processed, per_second = _PROCESSED.search(output), _RATE.search(output)
    if processed is None or per_second is None:
        raise CannotRun("pgbench left no report")
    failed, retried = _FAILED.search(output), _RETRIED.search(output)
    return Transactions(
        processed=int(processed[1]),
        failed=int(failed[1]) if failed else 0,
        retried=int(retried[1]) if retried else 0,
        per_second=float(per_second[1]),
    )


def run_pgbench(
    database_url: str,
    transaction: str,
    *,
    seconds: float,
    variables: Mapping[str, int | str],
    clients: int = CLIENTS,
    extra: tuple[str, ...] = (),
    settings: str = "",
) -> Transactions:
    """Run one of `transactions/` for a time, with settings of its connections.

    Raises CannotRun, and Untrue when a transaction was given up.
    """
    command = [find_program("pgbench"), "-n", "-M", "prepared", "-c", str(clients), "-T", str(max(1, round(seconds)))]
    command += [f"--define={name}={value}" for name, value in variables.items()]
    command += [*extra, "-f", str(TRANSACTIONS / f"{transaction}.pgbench")]
    environment = {**connection_of(database_url), "PGOPTIONS": settings}
    done = parse_pgbench(run_program(command, seconds=seconds, environment=environment))
    if done.failed:
        raise Untrue(f"pgbench gave {done.failed:,} transactions up")
    return done


def median_ms(database_url: str, transaction: str, *, seconds: float, variables: Mapping[str, int | str]) -> float:
    """Return the median time of a transaction when one client sends one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        extra = ("--log", f"--log-prefix={log}")
        run_pgbench(
            database_url, transaction, seconds=seconds, variables=variables, clients=1, extra=extra, settings=BY_KEY
        )
        lines = [line for file in Path(folder).iterdir() for line in file.read_text().splitlines()]
    return statistics.median(parse_log(lines))


def parse_log(lines: list[str]) -> list[float]:
    """Read pgbench's log of transactions: the third column is the time of each, here in milliseconds."""
    times = [int(line.split()[2]) / 1000 for line in lines if line.strip()]
    if not times:
        raise CannotRun("pgbench logged no transaction")
    return times


def connection_of(database_url: str) -> Mapping[str, str]:
    """Return a database URL as the environment that Postgres's own programs read."""
    parts = urlsplit(database_url)
    return {
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": parts.path.lstrip("/"),
    }
