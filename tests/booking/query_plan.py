"""What Postgres really did for a statement: its generic plan with counts, as EXPLAIN tells it.

The generic plan is the one that a prepared statement of a long-lived connection comes to.
"""

from collections.abc import Iterator, Sequence

import asyncpg
import msgspec

FIELDS = {
    "kind": "Node Type",
    "relation": "Relation Name",
    "index": "Index Name",
    "rows": "Actual Rows",
    "loops": "Actual Loops",
    "removed_by_filter": "Rows Removed by Filter",
    "removed_by_join": "Rows Removed by Join Filter",
    "removed_by_recheck": "Rows Removed by Index Recheck",
    "parts": "Plans",
}


class Step(msgspec.Struct, frozen=True, rename=FIELDS):
    """One step of a plan, with the steps that it reads. What pruning left out has no loops, or is absent."""

    kind: str
    rows: float
    loops: float
    relation: str | None = None
    index: str | None = None
    removed_by_filter: float = 0
    removed_by_join: float = 0
    removed_by_recheck: float = 0
    parts: tuple["Step", ...] = ()

    def all(self) -> Iterator["Step"]:
        """Go through this step and all below it."""
        yield self
        for part in self.parts:
            yield from part.all()

    def visited(self) -> float:
        """Count the rows that this step and those below it looked at, whether or not they kept them."""
        return sum(
            (step.rows + step.removed_by_filter + step.removed_by_join + step.removed_by_recheck) * step.loops
            for step in self.all()
        )

    def read_from_end_to_end(self) -> set[str]:
        """Name the tables that were read without an index."""
        return {step.relation for step in self.all() if step.kind == "Seq Scan" and step.relation and step.loops}


class _Explained(msgspec.Struct, rename={"plan": "Plan"}):
    plan: Step


async def explain(
    connection: asyncpg.Connection, statement: str, arguments: Sequence[object], plan: str = "generic"
) -> Step:
    """Run a statement by its generic or custom plan, undo what it did, and return the plan with its counts."""
    literals = await literals_of(connection, statement, arguments)
    call = f"EXECUTE explained ({', '.join(literals)})" if literals else "EXECUTE explained"
    await connection.execute(f"PREPARE explained AS {statement}")
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(f"SET LOCAL plan_cache_mode = force_{plan}_plan")
        told = await connection.fetchval(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {call}")
    finally:
        await transaction.rollback()
        await connection.execute("DEALLOCATE explained")
    (explained,) = msgspec.json.decode(told, type=tuple[_Explained])
    return explained.plan


async def literals_of(connection: asyncpg.Connection, statement: str, arguments: Sequence[object]) -> Sequence[str]:
    """Write the arguments as SQL; EXPLAIN EXECUTE takes no parameters of its own."""
    types = [parameter.name for parameter in (await connection.prepare(statement)).get_parameters()]
    return [
        await connection.fetchval(f"SELECT quote_nullable(CAST($1::{type_name} AS text))", argument)
        for type_name, argument in zip(types, arguments, strict=True)
    ]
