"""One question per key at a time: whoever asks meanwhile waits for the same answer."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class OneAtATime(Generic[K, V]):
    """Questions under way, by key. A question outlives the caller that began it, for the others that wait for it."""

    def __init__(self) -> None:
        self._under_way: dict[K, asyncio.Task[V]] = {}

    def __contains__(self, key: K) -> bool:
        return key in self._under_way

    async def ask(self, key: K, begin: Callable[[], Coroutine[None, None, V]]) -> V:
        """Return the answer of the question under way, or of a new one; raises what the question raised."""
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.get_running_loop().create_task(begin())
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._end(key, done))
        return await asyncio.shield(task)

    def let_go(self, unwanted: Callable[[K], bool]) -> None:
        """Let nobody join the questions under way with these keys any more; those who wait still get their answer."""
        for key in [key for key in self._under_way if unwanted(key)]:
            del self._under_way[key]

    def _end(self, key: K, task: asyncio.Task[V]) -> None:
        if self._under_way.get(key) is task:
            del self._under_way[key]
        if not task.cancelled():
            # Looked at, so that a failure which every caller has left behind is no complaint of asyncio's.
            task.exception()
