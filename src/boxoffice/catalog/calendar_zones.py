"""The time zones that calendars name, as names of the IANA data base, the only ones that Postgres knows."""

from collections.abc import Mapping, Sequence
from functools import cache
from zoneinfo import available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from boxoffice.catalog.calendar_lines import Component, Property
from boxoffice.errors import UnreadableCalendar

NO_PLACE = frozenset({"Factory", "localtime", "posixrules"})


def calendar_zone(calendar: Component) -> str:
    """Return the zone of floating, all-day and UTC times: X-WR-TIMEZONE where the calendar has it, UTC otherwise."""
    named = calendar.one("X-WR-TIMEZONE")
    if named is None:
        return "UTC"
    zone = _iana_name(named.value.strip())
    if zone is None:
        raise UnreadableCalendar(named.line, f"X-WR-TIMEZONE {named.value!r} is not a time zone that is known")
    return zone


def places_of_zones(calendar: Component) -> Mapping[str, str]:
    """Return the zones that the calendar itself defines (VTIMEZONE) and says the place of (X-LIC-LOCATION)."""
    places = dict[str, str]()
    for component in calendar.components:
        name, place = component.one("TZID"), component.one("X-LIC-LOCATION")
        if component.name == "VTIMEZONE" and name and place:
            places[name.value] = place.value
    return places


def zone_of(here: Property, places: Mapping[str, str]) -> str | None:
    """Return the zone that a property's TZID means, None without TZID. Raises UnreadableCalendar for an unknown one."""
    name = here.parameters.get("TZID")
    if name is None:
        return None
    zone = _iana_name(name) or _iana_name(places.get(name, ""))
    if zone is None:
        raise UnreadableCalendar(
            here.line,
            f"time zone {name!r} is neither an IANA zone nor one of Windows; its VTIMEZONE does not say which",
        )
    return zone


def _iana_name(name: str) -> str | None:
    """Return the zone behind an IANA name, a Windows name or a global one as /citadel.org/20210210_1/Europe/Berlin."""
    if name in WINDOWS_TO_OLSON:
        return WINDOWS_TO_OLSON[name]
    parts: Sequence[str] = name.strip("/").split("/")
    endings = ("/".join(parts[start:]) for start in range(len(parts) if name.startswith("/") else 1))
    known = _known_zones()
    return next((known[ending.casefold()] for ending in endings if ending.casefold() in known), None)


@cache
def _known_zones() -> Mapping[str, str]:
    return {zone.casefold(): zone for zone in available_timezones() - NO_PLACE}
