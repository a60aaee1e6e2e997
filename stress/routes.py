"""The admin routes of a service, asked over HTTP: nothing is known of it but its address and the token."""

import http.client
import time
from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from bench.errors import CannotRun
from boxoffice.api.admin_view_messages import AuditVerdict, DateShards, ReservationItem, ReservationsPage
from boxoffice.values import DateKey

Answered = TypeVar("Answered")
ANSWER_SECONDS_MAX = 60.0
TRIES = 5
PAGE = 100
OK, BUSY = 200, {429, 503}


class Routes:
    """Asks the admin routes of one service. Every verb raises CannotRun when it is not answered as it should be."""

    def __init__(self, url: str, admin_token: str) -> None:
        self._address = urlsplit(url)
        self._headers = {"authorization": f"Bearer {admin_token}", "accept": "application/json"}

    def shards(self, key: DateKey) -> DateShards:
        """Return the shards of a date."""
        return self._get(f"{_date_path(key)}/shards", DateShards)

    def audit(self, event_id: int) -> AuditVerdict:
        """Return the verdict on an event."""
        return self._get(f"/admin/events/{event_id}/audit", AuditVerdict)

    def reservations(self, key: DateKey, *, state: str | None = None) -> Sequence[ReservationItem]:
        """Return the live reservations of a date, of one state or all, page after page."""
        found: list[ReservationItem] = []
        cursor: str | None = None
        while True:
            given = {"limit": str(PAGE), "state": state, "cursor": cursor}
            query = urlencode({name: value for name, value in given.items() if value is not None})
            page = self._get(f"{_date_path(key)}/reservations?{query}", ReservationsPage)
            found += page.reservations
            cursor = page.next
            if cursor is None:
                return found

    def _get(self, path: str, kind: type[Answered]) -> Answered:
        """Ask once, and again where it is too busy."""
        for attempt in range(TRIES):
            status, body, wait = self._ask(path)
            if status not in BUSY or attempt == TRIES - 1:
                break
            time.sleep(wait)
        if status != OK:
            raise CannotRun(f"GET {path} was answered {status}: {body[:200].decode(errors='replace')}")
        try:
            return msgspec.json.decode(body, type=kind)
        except msgspec.MsgspecError as error:
            raise CannotRun(f"GET {path} was not answered as it should be: {error}") from error

    def _ask(self, path: str) -> tuple[int, bytes, float]:
        secure = self._address.scheme == "https"
        make = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = make(self._address.netloc, timeout=ANSWER_SECONDS_MAX)
        try:
            connection.request("GET", self._address.path.rstrip("/") + path, headers=self._headers)
            response = connection.getresponse()
            return response.status, response.read(), float(response.getheader("retry-after") or 1)
        except (OSError, http.client.HTTPException) as error:
            raise CannotRun(f"GET {path} was not answered: {error}") from error
        finally:
            connection.close()


def _date_path(key: DateKey) -> str:
    return f"/admin/events/{key.event_id}/{key.date}/{key.start_time:%H:%M:%S}"
