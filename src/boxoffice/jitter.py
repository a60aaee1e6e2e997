"""Chance where many would otherwise do the same at the same instant."""

import random
from collections.abc import Sequence
from typing import TypeVar

Choice = TypeVar("Choice")


def jittered(value: float, least: float = 0.5, most: float = 1.0) -> float:
    """Return a part of `value` by chance, between `least` and `most` of it: it spreads out, and hides nothing."""
    return value * random.uniform(least, most)  # noqa: S311 - no secret, only jitter


def one_of(choices: Sequence[Choice]) -> Choice:
    """Return one of these by chance, so that not all take the same."""
    return random.choice(choices)  # noqa: S311 - no secret, only chance
