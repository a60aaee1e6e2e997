"""Feeds the parsers: so many inputs to each, made up by Hypothesis from a seed; what is judged wrongly is shrunk."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings

from tests.hostile.parsers import PARSERS, Parser

PARTS = sum(parser.parts for parser in PARSERS)


def inputs_of(parser: Parser, total: int) -> int:
    """Return how many of all inputs a parser gets."""
    return -(-total * parser.parts // PARTS)


def feed(parser: Parser, count: int, chance: int, tell: Callable[[int], None] | None = None) -> int:
    """Feed a parser with `count` inputs and return how many there were. Raises what a check raises, with its input."""
    fed = 0

    @seed(chance)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        verbosity=Verbosity.quiet,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(parser.fed)
    def fed_one(given_input: Any) -> None:
        nonlocal fed
        fed += 1
        if tell is not None and fed % 500 == 0:
            tell(fed)
        parser.check(given_input)

    fed_one()
    return fed
