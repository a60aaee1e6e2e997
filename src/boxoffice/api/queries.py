"""The query of a list: limit, cursor, range and search, each at most once; parameters nobody knows are ignored."""

import datetime as dt
import re
from urllib.parse import parse_qsl, quote, urlencode

from boxoffice.api.call import Call
from boxoffice.api.cursors import Place, read_cursor
from boxoffice.api.paths import parse_date
from boxoffice.errors import InvalidRequest
from boxoffice.http.request import Header

LIMIT_MAX = 100
LIMIT_DEFAULT = 20
SEARCH_CHARACTERS_MAX = 200
STATES = ("held", "paid")

_LIMIT = re.compile(r"[0-9]{1,9}", re.ASCII)


class Query:
    """The parameters of one request, in the order they came."""

    def __init__(self, call: Call) -> None:
        self._path = quote(call.path)
        # Bytes that are not UTF-8 survive in parameters that nobody reads, and are refused in the others.
        self._pairs = parse_qsl(call.query_string, keep_blank_values=True, errors="surrogateescape")

    def limit(self) -> int:
        """Return the size of a page. Raises InvalidRequest."""
        given = self._one("limit")
        if given is None:
            return LIMIT_DEFAULT
        if not _LIMIT.fullmatch(given) or not 1 <= int(given) <= LIMIT_MAX:
            raise InvalidRequest(f"limit must be a whole number from 1 to {LIMIT_MAX}.")
        return int(given)

    def after(self, kind: type[Place]) -> Place | None:
        """Return the place after which the page begins, None for the first page. Raises InvalidRequest."""
        given = self._one("cursor")
        return None if given is None else read_cursor(given, kind)

    def search(self) -> str | None:
        """Return what the name must contain, None when anything will do. Raises InvalidRequest."""
        given = self._one("q")
        if given is not None and len(given) > SEARCH_CHARACTERS_MAX:
            raise InvalidRequest(f"q may have at most {SEARCH_CHARACTERS_MAX} characters.")
        return given or None

    def range(self) -> tuple[dt.date | None, dt.date | None]:
        """Return `from` and `to`, each inclusive. Raises InvalidRequest."""
        first, last = self._date("from"), self._date("to")
        if first is not None and last is not None and first > last:
            raise InvalidRequest("from is later than to.")
        return first, last

    def state(self) -> str | None:
        """Return the state of reservations that are asked for, None for any. Raises InvalidRequest."""
        given = self._one("state")
        if given is not None and given not in STATES:
            raise InvalidRequest(f"state must be {' or '.join(STATES)}.")
        return given

    def next_link(self, cursor: str | None) -> list[Header]:
        """Return the Link header to the next page (RFC 8288), keeping every other parameter; none on the last page."""
        if cursor is None:
            return []
        pairs = [pair for pair in self._pairs if pair[0] != "cursor"]
        query = urlencode([*pairs, ("cursor", cursor)], errors="surrogateescape")
        return [("link", f'<{self._path}?{query}>; rel="next"')]

    def _date(self, name: str) -> dt.date | None:
        given = self._one(name)
        if given is None:
            return None
        date = parse_date(given)
        if date is None:
            raise InvalidRequest(f"{name} must be a date as YYYY-MM-DD.")
        return date

    def _one(self, name: str) -> str | None:
        given = [value for other, value in self._pairs if other == name]
        if len(given) > 1:
            raise InvalidRequest(f"{name} is there more than once.")
        if given and not is_storable(given[0]):
            raise InvalidRequest(f"{name} is not UTF-8 text, or holds the character NUL.")
        return given[0] if given else None


def is_storable(text: str) -> bool:
    """Tell whether Postgres can hold the text: no character NUL, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
