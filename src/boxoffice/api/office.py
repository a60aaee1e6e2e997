"""Everything that answers requests, opened once per process by the composition root (app.py)."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from boxoffice.api.client_limit import ClientLimit
from boxoffice.api.door import Door
from boxoffice.api.held_limit import HeldLimit
from boxoffice.api.metrics import Metrics
from boxoffice.api.web_files import WebFile
from boxoffice.availability.marks import Marks
from boxoffice.availability.memory import Memory
from boxoffice.guess import Guess
from boxoffice.proxies import Proxies
from boxoffice.selling import Selling
from boxoffice.settings import Settings


@dataclass(slots=True, kw_only=True)
class Office:
    """What handlers work with. `engine` is for changes, `reading` for all else that is read when it is asked for.

    `leaving` is set once, when the process is told to stop; `draining` once, when it begins to.
    """

    settings: Settings
    engine: AsyncEngine
    reading: AsyncEngine
    memory: Memory
    marks: Marks
    guess: Guess
    selling: Selling
    proxies: Proxies
    door: Door
    client_limit: ClientLimit
    held_limit: HeldLimit
    metrics: Metrics
    web_files: Mapping[str, WebFile]
    leaving: bool = False
    draining: bool = False

    def event_changed(self, event_id: int) -> None:
        """Take in that an event's limits or shards were changed, after the commit: nothing old refuses or is shown."""
        for date_key in self.guess.dates_of(event_id):
            self.marks.opened_date(date_key)
        self.guess.forget_event(event_id)
        self.marks.opened_event(event_id)
        self.memory.catalog_changed(event_id)
