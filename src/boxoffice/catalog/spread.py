"""How a limit is spread over counter shards. Pure: no clock, no I/O."""

from collections.abc import Iterable, Sequence


def spread(limit: int | None, shards: int) -> list[int | None]:
    """Return each shard's maximum: they add up to `limit` exactly and differ by one unit at most (1000/3: 334+333+333).

    Without a limit no shard has one.
    """
    if limit is None:
        return [None] * shards
    return list(_parts(limit, shards))


def fold(currents: Sequence[int], shards: int) -> list[int]:
    """Return what each of `shards` holds once shard k is re-labelled k modulo `shards` (RELABEL in reshard_sql.py)."""
    folded = [0] * shards
    for shard, current in enumerate(currents):
        folded[shard % shards] += current
    return folded


def rebalance(currents: Sequence[int], limit: int | None) -> list[int | None]:
    """Return each shard's new maximum: at least its current, adding up to `limit`, free room as even as in `spread`.

    Raises ValueError when the currents exceed the limit.
    """
    if limit is None:
        return [None] * len(currents)
    free = limit - sum(currents)
    if free < 0:
        raise ValueError(f"{sum(currents)} taken of {limit}")
    return [current + room for current, room in zip(currents, _parts(free, len(currents)), strict=True)]


def _parts(units: int, shards: int) -> Iterable[int]:
    each, over = divmod(units, shards)
    return (each + (shard < over) for shard in range(shards))
