"""Whether the stories add up, and whether what buyers were told is true: plain functions of values."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from stress.events import Events
from stress.records import Records, Story
from stress.truth import Booked, Truth
from stress.values import Audit, Check, Fill, Group

NAMED_MAX = 3
UNKNOWN = {"failed", "refused_for_load"}
"""Ends of which the service may know more than the buyer: the answer was lost, or said that nobody knows."""


def check_everything(
    records: Records, events: Events, truth: Truth, fills: Sequence[Fill], audits: Sequence[Audit]
) -> list[Check]:
    """Return all that must hold after a run, kept or not."""
    stories = records.stories
    return [
        _buyers(stories, records.totals["buyers"]),
        _holds(stories, truth),
        _tickets(stories, truth),
        *_acknowledged(stories, truth.reservations),
        *_not_oversold(events, truth, fills),
        *(_audit(each) for each in audits),
    ]


def _buyers(stories: Sequence[Story], buyers: int) -> Check:
    """Every buyer's story has one end."""
    ends = Counter("held" if story.acknowledged.held else story.end for story in stories)
    order = ("held", "sold_out", "refused_for_load", "malformed", "failed")
    parts = {name: ends.pop(name, 0) for name in order} | {name: ends[name] for name in sorted(ends)}
    shown = {name: number for name, number in parts.items() if number or name in ("held", "sold_out", "failed")}
    kept = buyers == sum(parts.values())
    return _check("sums", "buyers", "every buyer's story has an end", f"{buyers:,} buyers {_sum(shown, kept)}", kept)


def _holds(stories: Sequence[Story], truth: Truth) -> Check:
    """Every hold that was acknowledged was paid, expired or was let go.

    What PostgreSQL has removed were holds that expired or were let go. So it knows how many expired, whatever the
    service says. Where that is not seen, all that were neither paid nor let go are taken to have expired.
    """
    held, paid, let_go = (
        sum(getattr(story.acknowledged, name) for story in stories) for name in ("held", "paid", "let_go")
    )
    open_ended = held - paid - let_go
    unknown = sum(story.end in UNKNOWN and not story.acknowledged.held for story in stories)
    expired = open_ended if truth.removed is None else truth.removed - let_go
    unsure = sum(map(_may_be_paid, stories))
    kept = open_ended - unsure <= expired <= open_ended + unknown
    seen = "what expired was not seen" if truth.removed is None else "expired: by PostgreSQL's count of rows removed"
    beside = f"; {unknown:,} buyers heard of no hold and may have had one" if unknown else ""
    beside += f"; {unsure:,} buyers heard of no payment and may have paid" if unsure else ""
    parts = {"paid": paid, "expired": expired, "let go": let_go}
    found = f"{held:,} held {_sum(parts, held == sum(parts.values()))} ({seen}{beside})"
    return _check("sums", "holds", "every acknowledged hold was paid, expired or was let go", found, kept)


def _tickets(stories: Sequence[Story], truth: Truth) -> Check:
    """What is left in the end is what was paid."""
    paid = sum(story.tickets for story in stories if story.acknowledged.paid)
    unknown = sum(story.tickets for story in stories if _may_be_paid(story))
    there = sum(truth.tickets.values())
    beside = f", {unknown:,} in stories whose payment was not heard of" if unknown else ""
    found = f"{there:,} tickets in the database, {paid:,} in stories that were paid{beside}"
    kept = paid <= there <= paid + unknown
    return _check("sums", "tickets", "the tickets in the database are those of paid stories", found, kept)


def _acknowledged(stories: Sequence[Story], there: Mapping[str, Booked]) -> Iterator[Check]:
    """Compare each acknowledgement with what is there."""
    gone = [story for story in stories if story.acknowledged.held and story.end == "gone" and not story.late]
    what = "no acknowledged hold was gone when its buyer came in time"
    yield _none("lost-holds", what, "acknowledged holds were lost", [_name(story) for story in gone])
    lost = [story for story in stories if story.acknowledged.paid and not _is_paid(story, there)]
    what = "every acknowledged payment is there, with all of its tickets"
    yield _none("lost-payments", what, "acknowledged payments were lost", [_name(story) for story in lost])
    kept = [
        story
        for story in stories
        if story.reservation in there and not story.acknowledged.paid and not _may_be_paid(story)
    ]
    what = "what was not paid in time, or was let go, is on sale again"
    yield _none("back-on-sale", what, "reservations are still there", [_name(story) for story in kept])
    told = {story.reservation for story in stories}
    untold = sorted(name for name in there if name not in told)
    what = "nobody has tickets without having been told"
    yield _none("untold", what, "reservations are in nobody's story", untold)


def _is_paid(story: Story, there: Mapping[str, Booked]) -> bool:
    booked = there.get(story.reservation or "")
    return booked is not None and booked.paid and booked.tickets == story.tickets


def _may_be_paid(story: Story) -> bool:
    return story.acknowledged.held and not story.acknowledged.paid and story.end in UNKNOWN


def _not_oversold(events: Events, truth: Truth, fills: Sequence[Fill]) -> Iterator[Check]:
    limits = {key: event.max_tickets for event in events for key in event.keys}
    over = [
        f"{truth.tickets.get(key, 0):,} tickets of {limit:,} on {key.date} of event {key.event_id}"
        for key, limit in limits.items()
        if truth.tickets.get(key, 0) > limit
    ]
    over += [
        f"{sum(fill.current):,} tickets of {sum(fill.maxima):,} on the hot date in second {fill.second}"
        for fill in fills
        if any(current > bound for current, bound in zip(fill.current, fill.maxima, strict=True))
    ]
    yield _none("oversold", "no date ever had more tickets than there are", "looks found a date oversold", over)


def _audit(audit: Audit) -> Check:
    looked = f"{audit.reservations:,} reservations and {audit.tickets:,} tickets recounted"
    found = f"clean, {looked}" if audit.clean else f"{len(audit.findings):,} differences: {_first(audit.findings)}"
    return _check(
        "truth", f"audit-{audit.when.replace(' ', '-')}", f"the audit is clean, {audit.when}", found, audit.clean
    )


def _none(name: str, what: str, otherwise: str, found: Sequence[str]) -> Check:
    said = f"{len(found):,} {otherwise}: {_first(found)}" if found else "as it should be"
    return _check("truth", name, what, said, not found)


def _first(found: Sequence[str]) -> str:
    more = f" and {len(found) - NAMED_MAX:,} more" if len(found) > NAMED_MAX else ""
    return ", ".join(found[:NAMED_MAX]) + more


def _name(story: Story) -> str:
    return story.reservation or f"buyer {story.buyer}"


def _sum(parts: Mapping[str, int], equal: bool) -> str:
    return ("= " if equal else "≠ ") + " + ".join(
        f"{number:,} {name.replace('_', ' ')}" for name, number in parts.items()
    )


def _check(group: Group, name: str, what: str, found: str, kept: bool) -> Check:
    return Check(group=group, name=name, what=what, found=found, kept=kept)
