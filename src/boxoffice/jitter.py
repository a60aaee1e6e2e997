"""Chance where many would otherwise do the same at the same instant."""

import random


def jittered(value: float, least: float = 0.5, most: float = 1.0) -> float:
    """Return a part of `value` by chance, between `least` and `most` of it: it spreads out, and hides nothing."""
    return value * random.uniform(least, most)  # noqa: S311 - no secret, only jitter
