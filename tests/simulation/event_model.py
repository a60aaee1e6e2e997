"""The model of what an event offers, for the checker: changes come one after the other, each whole or not at all."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

ChangeKind: TypeAlias = Literal["change", "may change", "refuse", "is"]


class Counted(NamedTuple):
    """A limit and its shards; None: no limit."""

    limit: int | None
    shards: int


class Offer(NamedTuple):
    """The total of each date, and the types in order of id."""

    total: Counted
    types: tuple[Counted, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """A change of one counter: the total (-1) or a type, by place; what is None stays."""

    place: int
    limit: int | Literal["as it is"] | None = "as it is"
    shards: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A change that was asked for, and the offer after it where that is known; or an offer that was seen.

    `sold` is what a refusal told.
    """

    kind: ChangeKind
    changes: Sequence[Counters] = ()
    offer: Offer | None = None
    sold: int = 0
    said: str = ""


class OfferState(NamedTuple):
    """The offer, and how often it was changed: a change to what is there already may still come after another one."""

    offer: Offer
    changes: int = 0


class EventModel:
    """One event that begins with this offer."""

    def __init__(self, first: Offer) -> None:
        self.first = OfferState(first)

    def after(self, state: OfferState, what: Turn) -> OfferState | None:
        """Return the offer after a turn, None when it cannot have come now."""
        changed = OfferState(applied(state.offer, what.changes), state.changes + 1)
        match what.kind:
            case "change":
                return changed if changed.offer == what.offer else None
            case "may change":
                return changed
            case "refuse":
                return state if _is_below(state.offer, changed.offer, what) else None
        return state if state.offer == what.offer else None

    def goes_first(self, one: Turn, other: Turn) -> bool:
        """Tell that no order of two turns may be left out."""
        return False

    def twin(self, what: Turn) -> Hashable | None:
        """Tell that no turn is like another."""
        return None


def applied(offer: Offer, changes: Sequence[Counters]) -> Offer:
    """Return an offer with these changes."""
    counters = [*offer.types, offer.total]  # the place of the total is -1
    for one in changes:
        before = counters[one.place]
        counters[one.place] = Counted(
            limit=before.limit if one.limit == "as it is" else one.limit, shards=one.shards or before.shards
        )
    return Offer(counters[-1], tuple(counters[:-1]))


def _is_below(before: Offer, after: Offer, what: Turn) -> bool:
    """Tell whether a change would have set one of its limits below what is sold, and so much can be sold of it."""
    limits = [(_limits(before)[one.place], _limits(after)[one.place]) for one in what.changes]
    return any(new is not None and new < what.sold and (old is None or what.sold <= old) for old, new in limits)


def _limits(offer: Offer) -> Sequence[int | None]:
    """Return the limits of the types, and that of the total, whose place is -1."""
    return [*(one.limit for one in offer.types), offer.total.limit]
