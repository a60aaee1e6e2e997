"""What a calendar file says of events: for each UID its name, its time zone and all of its dates.

- The zone is DTSTART's. Floating, all-day and UTC events are in X-WR-TIMEZONE where the calendar has it, else in UTC.
- All-day events, and RDATEs that are dates, start at 00:00.
- DTSTART is the first date; RRULE and RDATE add to it; EXDATE takes away, a date without time the whole day.
- A VEVENT with RECURRENCE-ID replaces the instance of that id; with RANGE=THISANDFUTURE it moves all later instances
  by as much as it moves its own. STATUS:CANCELLED takes the instance, the later ones too, or the whole series away.
- Of several versions of the same VEVENT the highest SEQUENCE counts.
- A rule without end goes to a last date, by default two years after DTSTART.
"""

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from icalendar.parser import unescape_backslash

from boxoffice.catalog.calendar_lines import Component, Property, read_calendars
from boxoffice.catalog.calendar_times import Moment, between_zones, moment_of, moments_of
from boxoffice.catalog.calendar_zones import calendar_zone, places_of_zones
from boxoffice.catalog.recurrence import DATES_MAX, moments, parse_rule
from boxoffice.catalog.values import DateAndTime
from boxoffice.errors import InvalidRequest, UnreadableCalendar
from boxoffice.tables import NAME_CHARACTERS_MAX, UID_CHARACTERS_MAX

DATES_PER_FILE_MAX = 1_000_000
"""A series of 20,000 dates takes two lines: what bounds a file's bytes bounds none of the memory for its dates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One event of a calendar: dates local to its zone, ascending; none when all are cancelled or past the end."""

    line: int
    uid: str
    name: str
    time_zone: str
    dates: Sequence[DateAndTime]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    """What the calendar around a VEVENT says: the zone of times that name none, the places of its own zones."""

    zone: str
    places: Mapping[str, str]
    until: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """A VEVENT with RECURRENCE-ID: instances that it replaces, where the replaced one moves to (None: cancelled)."""

    replaced: Moment
    moved_to: Moment | None
    and_later: bool


def read_series(content: bytes, until: dt.date | None = None, *, dates_max: int = DATES_PER_FILE_MAX) -> list[Series]:
    """Return the events of a calendar file in the order of their UIDs in it. Raises UnreadableCalendar, by line."""
    found: list[Series] = []
    dates = 0
    for calendar in read_calendars(content):
        setting = _Setting(zone=calendar_zone(calendar), places=places_of_zones(calendar), until=until)
        of_uid = dict[str, list[Component]]()
        for component in calendar.components:
            if component.name == "VEVENT":
                of_uid.setdefault(_uid(component), []).append(component)
        for uid, components in of_uid.items():
            found.append(_series(uid, components, setting))
            dates += len(found[-1].dates)
            if dates > dates_max:
                raise UnreadableCalendar(found[-1].line, f"more than {dates_max:,} dates in one file")
    return found


def _series(uid: str, components: Sequence[Component], setting: _Setting) -> Series:
    versions = _newest_versions(components, setting)
    master = versions.pop(None, None)
    leader = master or next(iter(versions.values()))
    start = _start(leader, setting)
    zone = start.zone or setting.zone
    time_zone = setting.zone if zone == "UTC" else zone
    try:
        originals = _instances(master, start, zone, setting) if master else set[dt.datetime]()
        changes = [_change(component, setting) for component in versions.values()]
        instances = _changed(originals, changes, start, zone)
        if not start.whole_day:
            instances = {between_zones(each, zone, time_zone) for each in instances}
    except OverflowError as error:
        raise UnreadableCalendar(leader.line, "a date before the year 1 or after 9999") from error
    if len(instances) > DATES_MAX:
        raise UnreadableCalendar(leader.line, f"more than {DATES_MAX:,} dates")
    dates = [DateAndTime(date=each.date(), start_time=each.time()) for each in sorted(instances)]
    return Series(line=leader.line, uid=uid, name=_name(leader), time_zone=time_zone, dates=dates)


def _newest_versions(components: Sequence[Component], setting: _Setting) -> dict[Moment | None, Component]:
    """Return the VEVENTs of one UID by RECURRENCE-ID, None for the series itself."""
    newest = dict[Moment | None, tuple[int, Component]]()
    for component in components:
        named, sequence = component.one("RECURRENCE-ID"), _sequence(component)
        key = moment_of(named, setting.places) if named else None
        other, _ = newest.get(key, (-1, component))
        if other == sequence:
            what = f"RECURRENCE-ID {named.value}" if named else "no RECURRENCE-ID"
            raise UnreadableCalendar(component.line, f"a second VEVENT with the same UID, {what} and SEQUENCE")
        if other < sequence:
            newest[key] = (sequence, component)
    return {key: component for key, (_, component) in newest.items()}


def _instances(master: Component, start: Moment, zone: str, setting: _Setting) -> set[dt.datetime]:
    """Return the series before changes of single instances, local to `zone`."""
    for unknown in master.all("EXRULE"):
        raise UnreadableCalendar(unknown.line, "EXRULE is not understood; RFC 5545 has taken it away")
    if master.text("STATUS") == "CANCELLED":
        return set()
    rules = master.all("RRULE")
    found = set[dt.datetime]() if rules else {start.local}
    for rule in rules:
        found.update(_by_rule(rule, start.local, zone, setting.until))
    for added in master.all("RDATE"):
        found.update(moment.local_in(zone) for moment in moments_of(added, setting.places))
    by_day = _by_day(found)
    for taken in master.all("EXDATE"):
        for moment in moments_of(taken, setting.places):
            found -= _meant(moment, by_day, zone)
    return found


def _by_rule(rule: Property, start: dt.datetime, zone: str, until: dt.date | None) -> list[dt.datetime]:
    try:
        return moments(parse_rule(rule.value), start, zone=ZoneInfo(zone), last=until)
    except InvalidRequest as error:
        raise UnreadableCalendar(rule.line, error.detail) from error


def _by_day(instances: Set[dt.datetime]) -> Mapping[dt.date, Set[dt.datetime]]:
    """Return the instances of each day: a file may name thousands of days, and must not have all looked through each
    time."""
    by_day = defaultdict[dt.date, set[dt.datetime]](set)
    for each in instances:
        by_day[each.date()].add(each)
    return by_day


def _meant(moment: Moment, by_day: Mapping[dt.date, Set[dt.datetime]], zone: str) -> Set[dt.datetime]:
    """Return what a moment names: one without time all instances of its day, another itself, be it one or not."""
    if moment.whole_day:
        return by_day.get(moment.local.date(), frozenset())
    return {moment.local_in(zone)}


def _change(component: Component, setting: _Setting) -> _Change:
    for name in ("RRULE", "RDATE", "EXDATE", "EXRULE"):
        for unknown in component.all(name):
            raise UnreadableCalendar(unknown.line, f"{name} beside RECURRENCE-ID is not understood")
    named = component.one("RECURRENCE-ID")
    assert named is not None  # noqa: S101 - the caller has sorted the components by it
    reach = named.parameters.get("RANGE", "").upper()
    if reach not in ("", "THISANDFUTURE"):
        raise UnreadableCalendar(named.line, f"RANGE={reach} is not understood")
    return _Change(
        replaced=moment_of(named, setting.places),
        moved_to=None if component.text("STATUS") == "CANCELLED" else _start(component, setting),
        and_later=bool(reach),
    )


def _changed(originals: set[dt.datetime], changes: Sequence[_Change], start: Moment, zone: str) -> set[dt.datetime]:
    """Return the instances after all changes; a change names an instance by where it first stood."""
    rest, by_day = set(originals), _by_day(originals)
    result = set[dt.datetime]()
    for change in changes:
        rest -= _meant(change.replaced, by_day, zone)
        if change.moved_to:
            result.add(change.moved_to.local_in(zone))
    later = sorted((each for each in changes if each.and_later), key=lambda each: each.replaced.local_in(zone))
    begins = [each.replaced.local_in(zone) for each in later]
    for instance in rest:
        reaching = bisect_right(begins, instance)
        change_of_it = later[reaching - 1] if reaching else None
        if change_of_it is None:
            result.add(instance)
        elif change_of_it.moved_to:
            result.add(instance + _shift(change_of_it, start, zone))
    return result


def _shift(change: _Change, start: Moment, zone: str) -> dt.timedelta:
    """Return by how much a change moves the later instances."""
    stood = change.replaced.local_in(zone)
    if change.replaced.whole_day and not start.whole_day:
        stood = dt.datetime.combine(stood.date(), start.local.time())
    return change.moved_to.local_in(zone) - stood if change.moved_to else dt.timedelta()


def _start(component: Component, setting: _Setting) -> Moment:
    given = component.one("DTSTART")
    if given is None:
        raise UnreadableCalendar(component.line, "this VEVENT has no DTSTART")
    return moment_of(given, setting.places)


def _sequence(component: Component) -> int:
    given = component.one("SEQUENCE")
    if given is None:
        return 0
    if not (given.value.strip().isascii() and given.value.strip().isdecimal() and len(given.value) < 12):
        raise UnreadableCalendar(given.line, f"SEQUENCE {given.value!r} is not a whole number")
    return int(given.value)


def _uid(component: Component) -> str:
    return _short_text(component, "UID", UID_CHARACTERS_MAX)


def _name(component: Component) -> str:
    return _short_text(component, "SUMMARY", NAME_CHARACTERS_MAX)


def _short_text(component: Component, name: str, characters_max: int) -> str:
    """Return a text that must be there, in one line. Raises UnreadableCalendar when it is missing or too long."""
    given = component.one(name)
    text = " ".join(unescape_backslash(given.value).split()) if given else ""
    if not text:
        raise UnreadableCalendar(given.line if given else component.line, f"this VEVENT has no {name}")
    if given and len(text) > characters_max:
        raise UnreadableCalendar(given.line, f"{name} is longer than {characters_max} characters")
    return text
