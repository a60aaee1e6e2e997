"""How results read: the same words and numbers in the terminal, on the page and in the documentation."""

from bench.ratios import Verdict, quartiles, ratios, verdict
from bench.values import Comparison, Curve, Report

SHORT = "short run: fewer or shorter pairs than the targets ask for"
BY_K6 = (
    "load by k6, which spends about 10 times the processor time of wrk on a request, from the same cores: ratios to"
    " pgbench are lower, ratios of two such loads nearer to 1, and none is comparable with those measured by wrk"
)
NOTHING = "-"


def number(figure: float) -> str:
    """Write a number with as many digits as are worth reading."""
    digits = next((digits for limit, digits in ((100, 0), (10, 1), (0.1, 2)) if abs(figure) >= limit), None)
    return f"{figure:.2g}" if digits is None else f"{figure:,.{digits}f}"


def is_short(report: Report) -> bool:
    """Tell whether some of it was measured for less long than the targets ask for."""
    results: list[Comparison | Curve] = [*report.comparisons, *report.curves]
    return any(result.options.short for result in results)


def notes_of(report: Report) -> list[str]:
    """Return what is to be known of the report as a whole: what ran short, a generator that costs more."""
    results: list[Comparison | Curve] = [*report.comparisons, *report.curves]
    names = [result.name for result in results if result.options.short]
    short = SHORT if len(names) == len(results) else f"{SHORT}, of {', '.join(names)}"
    return [short] * is_short(report) + [BY_K6] * any(
        result.generator == "k6" and not result.not_run for result in results
    )


def figure_of(row: Comparison) -> str:
    """Write the median of a row, with its unit; a dash when there is none."""
    if row.measured is None:
        return NOTHING
    return f"{number(quartiles(ratios(row.measured.pairs)).median)} {row.unit}"


def quartiles_of(row: Comparison) -> str:
    """Write the lower and the upper quartile of a row."""
    if row.measured is None:
        return NOTHING
    found = quartiles(ratios(row.measured.pairs))
    return f"{number(found.lower)} to {number(found.upper)}"


def target_of(row: Comparison) -> str:
    """Write what a row should reach."""
    if row.target is None:
        return NOTHING
    word = "≤" if row.target.lower_is_better else "≥"
    return f"{word} {row.target.bound:g}, wanted {row.target.wanted:g}"


def medians_of(row: Comparison) -> tuple[str, str]:
    """Write the medians of both sides: the yardstick's and the service's."""
    if row.measured is None:
        return NOTHING, NOTHING
    pairs = row.measured.pairs
    return (
        number(quartiles([pair.yardstick for pair in pairs]).median),
        number(quartiles([pair.service for pair in pairs]).median),
    )


def verdict_of(row: Comparison) -> str:
    """Write what became of a row; a short run says so, and so does one whose load k6 sent."""
    said: dict[Verdict, str] = {"wanted": "reached, and the wanted", "untrue": "UNTRUE"}
    found = verdict(row)
    reservations = ["short"] * row.options.short + ["by k6"] * (row.generator == "k6")
    stated = f" ({', '.join(reservations)})" if reservations and row.measured is not None else ""
    return said.get(found, found) + stated


def remarks_of(row: Comparison) -> list[str]:
    """Write what else is to be said of a row, a line each: why it failed, its conditions, the facts beside it."""
    lines = [reason for reason in (row.untrue, row.not_run) if reason]
    if row.measured is None:
        return lines
    lines += [
        f"{'kept' if condition.kept else 'BROKEN'}: {condition.what}: {condition.found}"
        for condition in row.measured.conditions
    ]
    return lines + [f"{fact.what}: {number(fact.value)} {fact.unit}".rstrip() for fact in row.measured.facts]


def failures(report: Report) -> list[str]:
    """Return a line for each row that is untrue or was not run: what makes the bench fail."""
    results: list[Comparison | Curve] = [*report.comparisons, *report.curves]
    return [
        f"{result.name}: {result.untrue or result.not_run}" for result in results if result.untrue or result.not_run
    ]
