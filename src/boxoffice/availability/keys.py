"""The names under which Redis remembers: everything of a date in one hash tag, everything of an event in another."""

from boxoffice.values import DateKey

CHANNEL = "boxoffice:messages"
PROCESSES = "{boxoffice:processes}"
"""The key of the roster: the live processes, by the moment of their last beat on Redis's own clock."""
ALL_EVENTS = 0
"""The subject of lists of events; no event has this id."""


def date_tag(date_key: DateKey) -> str:
    """Return the hash tag of a date: {boxoffice:7:2026-12-01:20:00:00}."""
    return f"{{boxoffice:{date_key.event_id}:{date_key.date.isoformat()}:{date_key.start_time.isoformat()}}}"


def epoch_of(tag: str) -> str:
    """Return the key of a date's epoch."""
    return f"{tag}:epoch"


def mark_of(tag: str, life_ms: int) -> str:
    """Return the key of a date's mark; processes with another bound have marks of their own."""
    return f"{tag}:mark:{life_ms}"


def shards_of(tag: str) -> str:
    """Return the key of a date's exhausted shards."""
    return f"{tag}:shards"


def since(tag: str, name: str) -> str:
    """Return the key whose life is the age of one pass over a date, or of one reading for a cache."""
    return f"{tag}:since:{name}"


def claims_of(date_key: DateKey, client: str) -> str:
    """Return the key of what one client has claimed of a date."""
    return f"{date_tag(date_key)}:client:{client}"


def counted(what: str, client: str) -> str:
    """Return the key of how often something was counted of one client."""
    return f"boxoffice:{what}:{client}"


def event_tag(event_id: int) -> str:
    """Return the hash tag of an event, {boxoffice:7}, or of the lists of events, {boxoffice:events}."""
    return "{boxoffice:events}" if event_id == ALL_EVENTS else f"{{boxoffice:{event_id}}}"


def remembered(event_id: int, name: str, life_ms: int) -> str:
    """Return the key of one remembered answer about an event; the bound on its age is part of the name."""
    return f"{event_tag(event_id)}:{name}:{life_ms}"


def shard_field(ticket_type: int | None, shard: int) -> str:
    """Return the field of one shard among a date's exhausted shards: total:3, or 7:3 for type 7."""
    return f"{'total' if ticket_type is None else ticket_type}:{shard}"


def parse_shard_field(field: str) -> tuple[int | None, int]:
    """Return ticket type, None for the total, and shard id of a field."""
    counter, _, shard = field.partition(":")
    return (None if counter == "total" else int(counter)), int(shard)
