"""How results read: the same words and numbers in the terminal and on the page."""

from collections.abc import Iterable, Mapping, Sequence

from bench.words import number
from stress.values import Moment, Phase, Result

OUTCOMES = (
    "held",
    "paid",
    "let_go",
    "sold_out",
    "refused_for_load",
    "gone",
    "malformed",
    "failed",
    "browsed",
    "repeated",
)
"""All classes of answers, in the order in which they are shown; each has a colour of its name."""

MEANINGS: Mapping[str, str] = {
    "held": "holds answered 201",
    "paid": "payments answered 200",
    "let_go": "holds let go, answered 204",
    "sold_out": "answered 409: nothing left of what was asked for",
    "refused_for_load": "answered 503 or 429",
    "gone": "answered 410: no such hold any more",
    "malformed": "an answer that is not what the API promises",
    "failed": "answered 500, or not at all",
    "browsed": "lists and events, answered 200",
    "repeated": "repeats with the same key that were answered as the first time",
}
KINDS: Mapping[str, str] = {
    "hold": "hold",
    "pay": "payment",
    "refusal": "refusal for want of tickets",
    "browse": "page of the lists",
    "repeat": "repeated hold",
    "let_go": "hold let go",
}
"""All kinds of answers that are timed, in the order in which they are shown."""

RUSH = "rush"


def milliseconds(figure: float) -> str:
    """Write a time with as many digits as are worth reading."""
    return f"{figure / 1000:.3g} s" if figure >= 1000 else f"{number(figure)} ms" if figure else "0 ms"


def plain(figure: float) -> str:
    """Write a rate or a count."""
    return f"{figure:,.0f}" if figure >= 10 or figure == int(figure) else f"{figure:.1f}"


def fraction(figure: float) -> str:
    """Write a number of processors."""
    return f"{figure:.2f}"


def outcome(name: str) -> str:
    """Write the name of a class of answers."""
    return name.replace("_", " ")


def phase_of(result: Result, name: str) -> Phase | None:
    """Return a phase by its name."""
    return next((phase for phase in result.phases if phase.name == name), None)


def rate(moments: Iterable[Moment], count: str) -> float:
    """Return how many a second there were on average."""
    counts = [moment.counts.get(count, 0) for moment in moments]
    return sum(counts) / len(counts) if counts else 0.0


def during(result: Result, name: str) -> Sequence[Moment]:
    """Return the moments of a phase; all of them when there is no such phase."""
    phase = phase_of(result, name)
    if phase is None:
        return result.moments
    return [moment for moment in result.moments if phase.begins <= moment.second < phase.ends]


def best_second(result: Result, count: str) -> int:
    """Return the most that there were in any one second."""
    return max((moment.counts.get(count, 0) for moment in result.moments), default=0)


def failures(result: Result) -> list[str]:
    """Return a line for each check that was not kept: why the run has failed."""
    return [f"{check.name}: {check.what}, but: {check.found}" for check in result.checks if not check.kept]


def headlines(result: Result) -> Mapping[str, str]:
    """Return the few figures that stand for a run."""
    rush = during(result, RUSH)
    told = {
        "holds a second in the rush": plain(rate(rush, "held")),
        "holds in the best second": plain(best_second(result, "held")),
        "payments a second in the rush": plain(rate(rush, "paid")),
        "buyers": plain(result.totals.get("buyers", 0)),
    }
    for kind in ("hold", "pay"):
        found = result.latency.get(kind)
        if found:
            told[f"p50 of a {KINDS[kind]}"] = milliseconds(found.latency.p50_ms)
            told[f"p99 of a {KINDS[kind]}"] = milliseconds(found.latency.p99_ms)
    return told
