"""Recurring dates by RFC 5545 (section 3.3.10), for the admin API and for calendar files: pure, and always soon over.

dateutil expands the rules. It does not bound them: a rule that never matches would run to the year 9999, second by
second if need be. So the interval that dateutil is given counts how far dateutil steps by it, and stops it.
"""

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from dateutil.rrule import rrule as RuleOfDateutil  # noqa: N812 - it is a class, whatever its name says
from dateutil.rrule import weekday

from boxoffice.catalog.values import DateAndTime
from boxoffice.errors import InvalidRequest

DATES_MAX = 20_000
WORK_MAX = 200_000
"""Days and times of day that dateutil may look at for one rule; well under a second."""
YEARS_WITHOUT_END = 2
YEARS_TO_REACH_COUNT = 100
RULE_CHARACTERS_MAX = 2_000
NUMBER_MAX = 1_000_000

Frequency = Literal[0, 1, 2, 3, 4, 5, 6]
_FREQUENCIES: Mapping[str, Frequency] = MappingProxyType(
    {"YEARLY": 0, "MONTHLY": 1, "WEEKLY": 2, "DAILY": 3, "HOURLY": 4, "MINUTELY": 5, "SECONDLY": 6}
)
_SHORTEST_SECONDS = (365 * 86_400, 28 * 86_400, 7 * 86_400, 86_400, 3_600, 60, 1)
_DAYS_PER_STEP = (366, 31, 7, 1, 1, 1, 1)
_TIMES_PER_STEP = ((), (), (), (), ("BYMINUTE", "BYSECOND"), ("BYSECOND",), ())
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_NUMBER = re.compile(r"[+-]?[0-9]{1,7}")
_UNTIL = re.compile(r"[0-9]{8}(T[0-9]{6}Z?)?")
_LISTS: Mapping[str, tuple[int, int, bool]] = MappingProxyType(
    {
        "BYSECOND": (0, 59, False),
        "BYMINUTE": (0, 59, False),
        "BYHOUR": (0, 23, False),
        "BYMONTHDAY": (1, 31, True),
        "BYYEARDAY": (1, 366, True),
        "BYWEEKNO": (1, 53, True),
        "BYMONTH": (1, 12, False),
        "BYSETPOS": (1, 366, True),
    }
)
_PARTS = frozenset(_LISTS) | {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A recurrence rule that obeys RFC 5545. `until` is a date, a local moment, or an instant in UTC."""

    frequency: Frequency
    interval: int
    count: int | None
    until: dt.date | dt.datetime | None
    week_start: int
    days: Sequence[weekday]
    lists: Mapping[str, Sequence[int]]


class _BeyondEndError(Exception):
    """Wherever dateutil steps now, it is beyond the rule's end."""


class _CountedInterval(int):
    """An interval that dateutil steps by, adding it or 7 times it, while there are seconds to the end and work left."""

    seconds: float
    seconds_per_step: int
    work: int
    work_per_step: int

    def __radd__(self, other: int, /) -> int:
        self._step()
        return other + int(self)

    def __mul__(self, other: int, /) -> int:
        self._step()
        return int(self) * other

    def _step(self) -> None:
        # The first step leads from within a period to the next, less far than it counts: so one more is taken.
        if self.seconds < 0:
            raise _BeyondEndError
        self.seconds -= self.seconds_per_step
        self.work -= self.work_per_step
        if self.work < 0:
            raise InvalidRequest("rrule: too many days and times to look at from one date to the next, or to the last.")


def dates_of_recurrence(
    rrule: str, first_date: dt.date, start_time: dt.time, *, time_zone: str = "UTC"
) -> list[DateAndTime]:
    """Return the dates of a rule, ascending; the first date is always one of them, and COUNT counts it (RFC 5545).

    A rule without COUNT and UNTIL ends two years after the first date. `time_zone` tells where an UNTIL in UTC falls.
    Raises InvalidRequest for what is not a rule, matches nothing, or gives more than DATES_MAX dates.
    """
    rule = parse_rule(rrule)
    start = dt.datetime.combine(first_date, start_time)
    zone = ZoneInfo(time_zone)
    if not matches(rule, start, zone=zone):
        raise InvalidRequest(f"rrule: {rrule} matches no date from {first_date} on.")
    return [DateAndTime(date=each.date(), start_time=each.time()) for each in moments(rule, start, zone=zone)]


def moments(rule: Rule, start: dt.datetime, *, zone: ZoneInfo, last: dt.date | None = None) -> list[dt.datetime]:
    """Return all moments of a series that begins at `start`, local to `zone`, ascending.

    RFC 5545: the start is the first instance, and the first that COUNT counts, whether or not the rule matches it.
    `last` is the last date of a rule without end (two years after the start when None); other rules go to their end.
    """
    found = matches(rule, start, zone=zone, last=last)
    if found[:1] != [start] and (last is None or not _endless(rule) or start.date() <= last):
        found = [start, *found]
    return found[: rule.count]


def matches(rule: Rule, start: dt.datetime, *, zone: ZoneInfo, last: dt.date | None = None) -> list[dt.datetime]:
    """Return the moments from `start` on that the rule matches, ascending. Raises InvalidRequest for too many."""
    end = _end_of(rule, start, zone, last)
    if end < start:
        return []
    interval = _CountedInterval(rule.interval)
    interval.seconds = (end - start).total_seconds()
    interval.seconds_per_step = _SHORTEST_SECONDS[rule.frequency] * rule.interval
    interval.work, interval.work_per_step = WORK_MAX, _work_per_step(rule)
    found: list[dt.datetime] = []
    try:
        for moment in _rule_of_dateutil(rule, start, interval):
            if moment > end:
                break
            found.append(moment)
            if len(found) > DATES_MAX:
                raise InvalidRequest(f"rrule: more than {DATES_MAX:,} dates.")
    except (_BeyondEndError, ValueError, OverflowError):
        pass  # the last two are dateutil's way to say that no time of day matches
    counted = len(found) + (found[:1] != [start])  # the start counts, whether or not the rule matches it
    if rule.count is not None and counted < rule.count:
        raise InvalidRequest(f"rrule: does not reach COUNT within {YEARS_TO_REACH_COUNT} years.")
    return found


def _work_per_step(rule: Rule) -> int:
    """Return how many days and times of a period dateutil looks at when it steps there."""
    days = _DAYS_PER_STEP[rule.frequency] * len(rule.lists.get("BYSETPOS", (0,)))
    return days + math.prod(len(rule.lists.get(name, (0,))) for name in _TIMES_PER_STEP[rule.frequency])


def _rule_of_dateutil(rule: Rule, start: dt.datetime, interval: int) -> RuleOfDateutil:
    days: Sequence[weekday] | None = rule.days or None
    if "BYWEEKNO" in rule.lists and not (days or {"BYMONTHDAY", "BYYEARDAY"} & rule.lists.keys()):
        days = [weekday(start.weekday())]  # RFC 5545 takes what is not said from the start; dateutil takes all days
    return RuleOfDateutil(
        rule.frequency,
        dtstart=start,
        interval=interval,
        wkst=rule.week_start,
        count=rule.count,
        byweekday=days,
        bysecond=rule.lists.get("BYSECOND"),
        byminute=rule.lists.get("BYMINUTE"),
        byhour=rule.lists.get("BYHOUR"),
        bymonthday=rule.lists.get("BYMONTHDAY"),
        byyearday=rule.lists.get("BYYEARDAY"),
        byweekno=rule.lists.get("BYWEEKNO"),
        bymonth=rule.lists.get("BYMONTH"),
        bysetpos=rule.lists.get("BYSETPOS"),
    )


def _name(rule: Rule) -> str:
    return next(name for name, value in _FREQUENCIES.items() if value == rule.frequency)


def _endless(rule: Rule) -> bool:
    return rule.count is None and rule.until is None


def _end_of(rule: Rule, start: dt.datetime, zone: ZoneInfo, last: dt.date | None) -> dt.datetime:
    """Return the local moment after which no match counts."""
    match rule.until:
        case dt.datetime(tzinfo=None):
            return rule.until
        case dt.datetime():
            return _local(rule.until, zone)
        case dt.date():
            return dt.datetime.combine(rule.until, dt.time.max)
    if rule.count is None and last is not None:
        return dt.datetime.combine(last, dt.time.max)
    years = YEARS_WITHOUT_END if rule.count is None else YEARS_TO_REACH_COUNT
    day = start.date() + relativedelta(years=min(years, dt.MAXYEAR - start.year))
    return dt.datetime.combine(day, dt.time.max)


def _local(until: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return the moment in the zone; at the ends of the calendar, where that does not exist, the calendar's end."""
    try:
        return until.astimezone(zone).replace(tzinfo=None)
    except OverflowError:
        return dt.datetime.max if until.year == dt.MAXYEAR else dt.datetime.min


def parse_rule(text: str) -> Rule:
    """Read an RRULE's value. Raises InvalidRequest that names the part which RFC 5545 does not allow."""
    if len(text) > RULE_CHARACTERS_MAX:
        raise InvalidRequest(f"rrule: longer than {RULE_CHARACTERS_MAX:,} characters.")
    parts = _split(text.strip().upper().removeprefix("RRULE:"))
    if parts.get("FREQ") not in _FREQUENCIES:
        raise InvalidRequest(f"rrule: FREQ must be one of {', '.join(_FREQUENCIES)}.")
    week_start = parts.get("WKST", "MO")
    if week_start not in _DAYS:
        raise InvalidRequest(f"rrule: WKST={week_start} is not a day of the week.")
    rule = Rule(
        frequency=_FREQUENCIES[parts["FREQ"]],
        interval=_positive("INTERVAL", parts.get("INTERVAL", "1")),
        count=_positive("COUNT", parts["COUNT"]) if "COUNT" in parts else None,
        until=_until(parts["UNTIL"]) if "UNTIL" in parts else None,
        week_start=_DAYS.index(week_start),
        days=[_day(day) for day in parts["BYDAY"].split(",")] if "BYDAY" in parts else (),
        lists=MappingProxyType({name: _numbers(name, parts[name]) for name in _LISTS if name in parts}),
    )
    _check_together(rule)
    return rule


def _split(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value or name not in _PARTS:
            raise InvalidRequest(f"rrule: {part!r} is not a part of a rule.")
        if name in parts:
            raise InvalidRequest(f"rrule: {name} stands twice.")
        parts[name] = value
    return parts


def _positive(name: str, value: str) -> int:
    if _NUMBER.fullmatch(value) is None or not 1 <= int(value) <= NUMBER_MAX:
        raise InvalidRequest(f"rrule: {name}={value} is not a whole number from 1 to {NUMBER_MAX:,}.")
    return int(value)


def _until(value: str) -> dt.date | dt.datetime:
    try:
        if _UNTIL.fullmatch(value) is None:
            raise ValueError
        if len(value) == len("YYYYMMDD"):
            return dt.datetime.strptime(value, "%Y%m%d").date()
        moment = dt.datetime.strptime(value.removesuffix("Z"), "%Y%m%dT%H%M%S")
    except ValueError as error:
        raise InvalidRequest(f"rrule: UNTIL={value} is neither a date nor a date with time.") from error
    return moment.replace(tzinfo=dt.UTC) if value.endswith("Z") else moment


def _day(value: str) -> weekday:
    match = _DAY.fullmatch(value)
    if match is None or (match[1] is not None and not 1 <= abs(int(match[1])) <= 53):
        raise InvalidRequest(f"rrule: BYDAY={value} is not a day of the week, or its number is not 1 to 53.")
    return weekday(_DAYS.index(match[2]), int(match[1]) if match[1] else None)


def _numbers(name: str, values: str) -> Sequence[int]:
    least, most, negative_too = _LISTS[name]
    numbers: list[int] = []
    for value in values.split(","):
        if _NUMBER.fullmatch(value) is None or not least <= (abs(int(value)) if negative_too else int(value)) <= most:
            raise InvalidRequest(f"rrule: {name}={value} is not a whole number from {least} to {most}.")
        numbers.append(int(value))
    return tuple(dict.fromkeys(numbers))


def _check_together(rule: Rule) -> None:
    """Refuse what RFC 5545 forbids to stand together; dateutil would silently read something else."""
    frequency = _name(rule)
    numbered = any(day.n for day in rule.days)
    forbidden = {
        "COUNT and UNTIL together": rule.count is not None and rule.until is not None,
        f"BYWEEKNO with {frequency}": "BYWEEKNO" in rule.lists and frequency != "YEARLY",
        f"BYYEARDAY with {frequency}": "BYYEARDAY" in rule.lists and frequency in ("DAILY", "WEEKLY", "MONTHLY"),
        f"BYMONTHDAY with {frequency}": "BYMONTHDAY" in rule.lists and frequency == "WEEKLY",
        f"a numbered BYDAY with {frequency}": numbered and frequency not in ("YEARLY", "MONTHLY"),
        "a numbered BYDAY with BYWEEKNO": numbered and "BYWEEKNO" in rule.lists,
        "BYSETPOS alone": rule.lists.keys() == {"BYSETPOS"} and not rule.days,
    }
    for what, stands in forbidden.items():
        if stands:
            raise InvalidRequest(f"rrule: {what} is not allowed.")
