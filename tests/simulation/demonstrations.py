"""Short scenarios of one client, which show a defect without any luck, and are clean where there is none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.simulation.event_model import Counted, Offer
from tests.simulation.operations import Hold, Look, Operation, Release, Scenario

FOUR = Offer(Counted(4, 1), (Counted(None, 1),))
BETWEEN = 900
"""After a deadline: long after what was so before it may still be answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstration:
    """What shows a defect, and words of what is found wrong."""

    operations: Sequence[Operation]
    words: str


def hold(number: int, units: int, *, service: int) -> Hold:
    return Hold(number=number, client=0, service=service, date=0, lines=((0, units),))


DEMONSTRATIONS: Mapping[str, Demonstration] = {
    "the limit of a date is not guarded": Demonstration(
        operations=[hold(1, 3, service=0), hold(2, 3, service=1)], words="what happened on date 0 is wrong"
    ),
    "a hold is lost before its deadline": Demonstration(
        operations=[
            hold(1, 3, service=0),
            Look(number=2, client=0, service=1, of=1, after_deadline_ms=-200),
        ],
        words="what was told of .* is wrong",
    ),
    "a date that was full is refused for long": Demonstration(
        operations=[
            hold(1, 4, service=0),
            hold(2, 1, service=1),
            Release(number=3, client=0, service=0, of=1),
            Look(number=4, client=0, service=0, of=1, after_deadline_ms=BETWEEN),
            hold(5, 1, service=1),
        ],
        words="what happened on date 0 is wrong",
    ),
}


def scenario_of_demonstration(name: str) -> Scenario:
    """Return what shows a defect, on an event with four tickets."""
    return Scenario(seed=0, offer=FOUR, dates=1, clients=1, operations=DEMONSTRATIONS[name].operations)
