"""Flights as the service forms them, in small: requests wait by date, dates by event, events for a connection.

The rules are those of boxoffice.booking.flights: a flight carries as many dates of one event as wait and have room in
it, no date is in two flights at once, and events take turns for the connections. Here requests are only counted.
"""

from collections import deque
from collections.abc import Callable, Mapping

SEATS = 64
RUNWAYS = 4


class Queues:
    """The queues of one process. `take_off` is told a flight's event, and how many holds of each date it carries."""

    def __init__(self, take_off: Callable[[int, Mapping[int, int]], None], *, seats: int, runways: int) -> None:
        self._take_off = take_off
        self._seats = seats
        self._runways = runways
        self._waiting: dict[int, int] = {}
        self._lines: dict[int, deque[int]] = {}
        self._lined_up: set[int] = set()
        self._flying: set[int] = set()
        self._called: deque[int] = deque()

    def arrive(self, event: int, date: int, count: int = 1) -> None:
        """Let requests for a date wait. A date has a number of its own among the dates of all events."""
        self._waiting[date] = self._waiting.get(date, 0) + count
        if date not in self._lined_up and date not in self._flying:
            self._line_up(event, date)

    def board(self) -> None:
        """Let flights leave, for as long as there are connections and events in line."""
        while self._runways and self._called:
            event = self._called.popleft()
            self._runways -= 1
            self._take_off(event, self._board(event))
            if event in self._lines:
                self._call(event)

    def land(self, event: int, aboard: Mapping[int, int]) -> None:
        """End a flight: its connection is free, and its dates may fly again."""
        self._runways += 1
        for date in aboard:
            self._flying.discard(date)
            if self._waiting.get(date):
                self._line_up(event, date)

    def _line_up(self, event: int, date: int) -> None:
        self._lined_up.add(date)
        self._lines.setdefault(event, deque()).append(date)
        self._call(event)

    def _call(self, event: int) -> None:
        if event not in self._called:
            self._called.append(event)

    def _board(self, event: int) -> Mapping[int, int]:
        line, seats = self._lines[event], self._seats
        aboard: dict[int, int] = {}
        while line and (not aboard or self._waiting[line[0]] <= seats):
            date = line.popleft()
            self._lined_up.discard(date)
            self._flying.add(date)
            aboard[date] = min(seats, self._waiting[date])
            self._waiting[date] -= aboard[date]
            seats -= aboard[date]
        if not line:
            del self._lines[event]
        return aboard
