"""The gate: whoever is answered goes on soon, in order, and no turn of the event loop carries them all."""

import asyncio
from functools import partial

from boxoffice.booking.passengers import Gate
from tests.waiting import turn_of_the_loop


async def turns_of(gate: Gate, count: int) -> list[list[int]]:
    """Let so many out at once; return who went on in each turn of the loop."""
    loop = asyncio.get_running_loop()
    turns: list[list[int]] = [[]]
    all_out = loop.create_future()

    def go_on(number: int) -> None:
        turns[-1].append(number)

    def turn() -> None:
        if sum(map(len, turns)) == count:
            all_out.set_result(None)
        else:
            turns.append([])
            loop.call_soon(turn)

    for number in range(count):
        gate.let_out(partial(go_on, number))
    turn()
    await all_out
    return [turn for turn in turns if turn]


async def test_a_few_go_on_at_once_and_the_others_turn_by_turn() -> None:
    assert await turns_of(Gate(3), 8) == [[0, 1, 2], [3, 4, 5], [6, 7]]


async def test_who_comes_later_goes_behind_those_held_back() -> None:
    gate = Gate(2)
    assert await turns_of(gate, 2) == [[0, 1]]
    assert await turns_of(gate, 5) in ([[0, 1], [2, 3], [4]], [[0], [1, 2], [3, 4]])
    await turn_of_the_loop()
    assert await turns_of(gate, 1) == [[0]]
