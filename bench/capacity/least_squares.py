"""Least squares with coefficients that cannot be negative: a cost is never below nothing. Plain functions of numbers.

With five coefficients there are 31 sets of them that may be above zero. Each is solved, and of those without a negative
coefficient the one with the smallest error is the answer: exact, and the same every time.
"""

from collections.abc import Sequence
from itertools import combinations

Vector = Sequence[float]
SINGULAR = 1e-10
"""A pivot below this, of columns of length one: they cannot be told apart."""


def fit_positive(rows: Sequence[Vector], targets: Vector) -> list[float]:
    """Return coefficients, none negative, with the least sum of squared errors relative to each target.

    Equations whose target is not above zero say nothing relative, and are left out. All are zero when none is left.
    """
    weighted = [[value / target for value in row] for row, target in zip(rows, targets, strict=True) if target > 0]
    width = len(rows[0]) if rows else 0
    lengths = [sum(row[place] ** 2 for row in weighted) ** 0.5 for place in range(width)]
    there = [place for place in range(width) if lengths[place] > 0]
    unit = [[row[place] / lengths[place] for place in there] for row in weighted]
    best = _best_set(unit, len(there))
    found = [0.0] * width
    for place, coefficient in zip(there, best, strict=True):
        found[place] = coefficient / lengths[place]
    return found


def _best_set(rows: Sequence[Vector], width: int) -> list[float]:
    """Return the best coefficients for targets that are all one."""
    best, least = [0.0] * width, float(len(rows))
    for size in range(1, width + 1):
        for chosen in combinations(range(width), size):
            solved = _solve_normal([[row[place] for place in chosen] for row in rows])
            if solved is None or min(solved) < 0:
                continue
            error = sum((_product([row[place] for place in chosen], solved) - 1) ** 2 for row in rows)
            if error < least:
                best, least = [0.0] * width, error
                for place, coefficient in zip(chosen, solved, strict=True):
                    best[place] = coefficient
    return best


def _product(first: Vector, second: Vector) -> float:
    return sum(one * other for one, other in zip(first, second, strict=True))


def _solve_normal(rows: Sequence[Vector]) -> list[float] | None:
    """Solve the normal equations for targets of one; None when the columns cannot be told apart."""
    width = len(rows[0])
    columns = [[row[place] for row in rows] for place in range(width)]
    matrix = [[*(_product(one, other) for other in columns), sum(one)] for one in columns]
    return solve(matrix)


def solve(matrix: list[list[float]]) -> list[float] | None:
    """Solve linear equations by elimination, a row each, right side last; None when they depend on each other."""
    width = len(matrix)
    for place in range(width):
        pivot = max(range(place, width), key=lambda row: abs(matrix[row][place]))
        if abs(matrix[pivot][place]) < SINGULAR:
            return None
        matrix[place], matrix[pivot] = matrix[pivot], matrix[place]
        for row in range(width):
            if row != place:
                factor = matrix[row][place] / matrix[place][place]
                matrix[row] = [one - factor * other for one, other in zip(matrix[row], matrix[place], strict=True)]
    return [matrix[place][width] / matrix[place][place] for place in range(width)]
