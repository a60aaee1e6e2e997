"""Reservation ids cannot be guessed: their random bits come from the system's generator and from nothing else."""

import ast
import os
import random
from collections import Counter
from itertools import pairwise

from boxoffice.identifiers import new_ids, reservation_name
from tests.house.tree import files_below

RANDOM_BITS = [*range(62), *range(64, 76)]
"""Of the 128 bits of a UUIDv7 those that no clock and no format sets, counted from the last."""


def test_no_two_are_alike_and_every_random_bit_is_drawn() -> None:
    drawn = [each.int for each in new_ids(20_000)]
    assert len(set(drawn)) == len(drawn)
    assert len(RANDOM_BITS) == 74
    for bit in RANDOM_BITS:
        ones = sum(each >> bit & 1 for each in drawn)
        assert 9_000 < ones < 11_000, f"bit {bit} is 1 in {ones} of 20,000"  # fourteen standard deviations


def test_neighbours_have_nothing_in_common_but_their_moment() -> None:
    drawn = [each.int for each in new_ids(5_000)]
    differences = Counter((after - before) & (2**62 - 1) for before, after in pairwise(drawn))
    assert max(differences.values()) == 1


def test_python_s_own_generator_has_no_part_in_them() -> None:
    state = random.getstate()
    try:
        drawn = []
        for _ in range(2):
            random.seed(1)
            drawn.append(new_ids(1)[0].int & (2**62 - 1))
    finally:
        random.setstate(state)
    assert drawn[0] != drawn[1]


def test_processes_that_begin_alike_draw_different_ones() -> None:
    """Workers are forked from one process: what a generator remembers would be the same in all of them."""
    names = {reservation_name(1, new_ids(1)[0])}
    for _ in range(4):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writing, new_ids(1)[0].hex[-16:].encode())
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as stream:
            names.add(stream.read())
        os.waitpid(child, 0)
    assert len(names) == 5


def test_only_jitter_draws_from_python_s_own_generator() -> None:
    assert [file.path for file in files_below("src/boxoffice", ending=".py") if "random" in imported(file.text)] == [
        "src/boxoffice/jitter.py"
    ]
    control = "import random\nfrom random import choice"
    assert imported(control) == {"random"}


def imported(text: str) -> set[str]:
    """Return the modules that a source imports."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {each.name.partition(".")[0] for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found
