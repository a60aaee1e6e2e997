"""Points in time as calendars write them: DATE, DATE-TIME (with TZID, in UTC, floating), and the start of a PERIOD."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from icalendar.prop import vDate, vDatetime

from boxoffice.catalog.calendar_lines import Property
from boxoffice.catalog.calendar_zones import zone_of
from boxoffice.errors import UnreadableCalendar

_LENGTHS = {"DATE": (8,), "DATE-TIME": (15, 16)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A local time in a zone; floating without one. A whole day is its midnight, and floats."""

    local: dt.datetime
    zone: str | None
    whole_day: bool

    def local_in(self, zone: str) -> dt.datetime:
        """Return the local time in a zone; a floating time is that zone's own."""
        if self.zone is None or self.zone == zone:
            return self.local
        return between_zones(self.local, self.zone, zone)


def between_zones(local: dt.datetime, from_zone: str, to_zone: str) -> dt.datetime:
    """Return what the clocks of another zone show.

    A local time that a change of clocks leaves out is read with the offset before the change, one that comes twice as
    the first (RFC 5545, section 3.3.5). So converting into the same zone turns 02:30 into 03:30 where there is none.
    """
    instant = local.replace(tzinfo=ZoneInfo(from_zone), fold=0).astimezone(dt.UTC)
    return instant.astimezone(ZoneInfo(to_zone)).replace(tzinfo=None, fold=0)


def moments_of(here: Property, places: Mapping[str, str]) -> list[Moment]:
    """Return the points in time of a property, in its order. Raises UnreadableCalendar."""
    zone = zone_of(here, places)
    kind = here.parameters.get("VALUE", "").upper()
    if kind not in ("", "DATE", "DATE-TIME", "PERIOD"):
        raise UnreadableCalendar(here.line, f"{here.name} of type {kind} is not understood")
    return [_moment(here, kind, value.strip().upper(), zone) for value in here.value.split(",")]


def moment_of(here: Property, places: Mapping[str, str]) -> Moment:
    """Return the only point in time of a property. Raises UnreadableCalendar."""
    found = moments_of(here, places)
    if len(found) != 1:
        raise UnreadableCalendar(here.line, f"{here.name} takes one value")
    return found[0]


def _moment(here: Property, kind: str, value: str, zone: str | None) -> Moment:
    if kind == "PERIOD" or (not kind and "/" in value):
        if here.name != "RDATE" or not value.partition("/")[2]:
            raise UnreadableCalendar(here.line, f"{here.name} {value!r} is not a date or a date with time")
        value = value.partition("/")[0]
        kind = "DATE-TIME"
    kind = kind or ("DATE" if len(value) in _LENGTHS["DATE"] else "DATE-TIME")
    try:
        if len(value) not in _LENGTHS[kind]:
            raise ValueError(value)
        if kind == "DATE":
            return Moment(local=dt.datetime.combine(vDate.from_ical(value), dt.time()), zone=None, whole_day=True)
        local: dt.datetime = vDatetime.from_ical(value)
    except ValueError as error:
        raise UnreadableCalendar(here.line, f"{here.name} {value!r} is not a {kind}") from error
    in_utc = value.endswith("Z")
    return Moment(local=local.replace(tzinfo=None, fold=0), zone="UTC" if in_utc else zone, whole_day=False)
