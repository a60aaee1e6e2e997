"""The cluster that the suite is given by its environment, or the plain PostgreSQL that stands in for it."""

import asyncio
import os
import re
from collections.abc import Mapping, Sequence

import asyncpg
import pytest

from tests.booking.query_plan import literals_of
from tests.conftest import CITUS_DSN

WORKERS: Sequence[str] = os.environ.get("CITUS_WORKERS", "").split()
"""URLs of workers, by which services sell too."""
LOSE, RETURN = os.environ.get("CITUS_LOSE"), os.environ.get("CITUS_RETURN")
"""Shell commands: one ends a worker as a machine that loses power would, the other starts it again."""
ADD = os.environ.get("CITUS_ADD")
"""host:port of a node that is not yet of the cluster and has the extension."""
SECONDS = float(os.environ.get("CITUS_SECONDS", "0.3"))
"""How long there is load before and after whatever happens."""

NODES = " ".join((CITUS_DSN, *WORKERS)) if CITUS_DSN else None

only_citus = pytest.mark.skipif(not CITUS_DSN, reason="LEFT OUT, no Citus here: `make test-citus CITUS_DSN=...`")
loses_a_worker = pytest.mark.skipif(
    not (CITUS_DSN and LOSE and RETURN), reason="LEFT OUT, no worker to lose: set CITUS_LOSE and CITUS_RETURN"
)
adds_a_worker = pytest.mark.skipif(not (CITUS_DSN and ADD), reason="LEFT OUT, no worker to add: set CITUS_ADD")

COUNTED = re.compile(r"Task Count: (\d+)")


async def tasks_of(connection: asyncpg.Connection, statement: str, arguments: Sequence[object]) -> list[int]:
    """Return how many nodes' tasks each part of a statement comes to: [1] where it is one statement of one node."""
    literals = await literals_of(connection, statement, arguments)
    call = f"EXECUTE counted ({', '.join(literals)})" if literals else "EXECUTE counted"
    await connection.execute(f"PREPARE counted AS {statement}")
    try:
        lines = [row[0] for row in await connection.fetch(f"EXPLAIN {call}")]
    finally:
        await connection.execute("DEALLOCATE counted")
    return [int(count) for line in lines for count in COUNTED.findall(line)]


async def run(command: str) -> None:
    """Run one of the commands that were given. Raises AssertionError with what it said when it fails."""
    process = await asyncio.create_subprocess_shell(
        command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, f"{command}: {said.decode()}"


async def nodes_of_events(connection: asyncpg.Connection, event_ids: Sequence[int]) -> Mapping[int, str]:
    """Return for each event host:port of the node that has it; nodes of several machines share a port."""
    rows = await connection.fetch(
        "SELECT e, p.nodename || ':' || p.nodeport FROM unnest($1::bigint[]) e"
        " JOIN pg_dist_placement s ON s.shardid = get_shard_id_for_distribution_column('reservation', e)"
        " JOIN pg_dist_node p USING (groupid) WHERE p.noderole = 'primary'",
        event_ids,
    )
    return dict(map(tuple, rows))
