"""What a request to the catalogue may say; anything else is InvalidRequest, before the database is asked."""

import datetime as dt
import unicodedata
import zoneinfo
from collections.abc import Iterable, Sequence
from functools import cache

from msgspec import UNSET

from boxoffice.catalog.values import Change, DateAndTime, NewEvent, NewType, TypeChange
from boxoffice.errors import InvalidRequest
from boxoffice.tables import NAME_CHARACTERS_MAX, SHARDS_MAX, TICKETS_MAX

DATES_PER_CALL_MAX = 5_000
COUNTERS_PER_CALL_MAX = 2_000_000
TYPES_PER_EVENT_MAX = 100
FIRST_DATE = dt.date(1970, 1, 1)
LAST_DATE = dt.date(9998, 12, 31)
"""A day short of what dates can hold, because the same moment in UTC may lie a day later."""

ID_MAX = 2**63 - 1
NOT_PLACES = {"localtime", "Factory"}


def is_id(number: int) -> bool:
    """Tell whether an id of events or ticket types could be this number."""
    return 1 <= number <= ID_MAX


def check_name(name: str) -> None:
    """Refuse names that are empty, too long, or hold control characters."""
    if not name.strip() or len(name) > NAME_CHARACTERS_MAX:
        raise InvalidRequest(f"A name has 1 to {NAME_CHARACTERS_MAX} characters.")
    check_characters(name)


def check_characters(words: str) -> None:
    """Refuse control characters and lone surrogates, which no name holds and Postgres cannot all store."""
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in words):
        raise InvalidRequest("A name holds no control characters.")


def check_new_event(event: NewEvent) -> None:
    """Refuse an event that could not be stored as it is described; whether its types exist shows later."""
    check_name(event.name)
    check_limit("maxTickets", event.max_tickets)
    check_shards(event.num_shards)
    check_types(event.ticket_types)
    if not event.ticket_types:
        raise InvalidRequest("An event offers at least one ticket type.")
    check_dates(event.dates)


def check_change(change: Change) -> None:
    """Refuse a change that could be made to no event."""
    if change.name is not None:
        check_name(change.name)
    if change.max_tickets is not None:
        check_limit("maxTickets", change.max_tickets)
    if change.num_shards is not None:
        check_shards(change.num_shards)
    check_types(change.ticket_types)


def check_types(types: Sequence[NewType | TypeChange]) -> None:
    """Refuse a type named twice, too many types, and limits or shards out of range."""
    if len(types) > TYPES_PER_EVENT_MAX:
        raise InvalidRequest(f"An event offers at most {TYPES_PER_EVENT_MAX} ticket types.")
    _refuse_repeated((one.ticket_type_id for one in types), "Ticket type")
    for one in types:
        if not is_id(one.ticket_type_id):
            raise unknown_types([one.ticket_type_id])
        if one.max is not None and one.max is not UNSET:
            check_limit("max", one.max)
        if one.num_shards is not None:
            check_shards(one.num_shards)


def unknown_types(ids: Sequence[int]) -> InvalidRequest:
    """Return the refusal of ticket types that do not exist."""
    return InvalidRequest(f"There is no ticket type {', '.join(str(number) for number in sorted(ids))}.")


def check_limit(field: str, limit: int) -> None:
    """Refuse limits that the tables do not take."""
    if not 0 <= limit <= TICKETS_MAX:
        raise InvalidRequest(f"{field} is 0 to {TICKETS_MAX}.")


def check_shards(shards: int) -> None:
    """Refuse numbers of shards that the tables do not take."""
    if not 1 <= shards <= SHARDS_MAX:
        raise InvalidRequest(f"numShards is 1 to {SHARDS_MAX}.")


def check_dates(dates: Sequence[DateAndTime]) -> None:
    """Refuse too many dates, a date named twice, and what is no local time in whole seconds."""
    if len(dates) > DATES_PER_CALL_MAX:
        raise InvalidRequest(f"At most {DATES_PER_CALL_MAX} dates are added at once.")
    _refuse_repeated((f"{date} {start_time}" for date, start_time in dates), "Date")
    for date, start_time in dates:
        if not FIRST_DATE <= date <= LAST_DATE:
            raise InvalidRequest(f"Dates lie between {FIRST_DATE} and {LAST_DATE}.")
        if start_time.microsecond or start_time.tzinfo:
            raise InvalidRequest("Start times are local, in whole seconds.")


def check_counters(dates: int, shards_per_date: int) -> None:
    """Refuse more counters in one call than one transaction should write."""
    if dates * shards_per_date > COUNTERS_PER_CALL_MAX:
        raise InvalidRequest(f"{dates} dates with {shards_per_date} shards each are too many at once.")


def check_zone(time_zone: str) -> None:
    """Refuse names that are not in the time zone database; Postgres is asked besides, in create.py."""
    if time_zone not in _zones():
        raise InvalidRequest(f"There is no time zone {time_zone[:NAME_CHARACTERS_MAX]!r}.")


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones() - NOT_PLACES)


def _refuse_repeated(named: Iterable[object], word: str) -> None:
    seen: set[object] = set()
    for one in named:
        if one in seen:
            raise InvalidRequest(f"{word} {one} is named twice.")
        seen.add(one)
