"""Pictures of every view, by `make screenshots`; `make test` leaves them out.

They are taken by `web/tests/*.pictures.ts` into the folder that PICTURES names. What they show a person has to look at.
"""

import os
from pathlib import Path

import pytest

from tests.browser.conftest import Play

CONFIG = "playwright.pictures.config.ts"
VIEWS = {
    "visitors": {"events", "event", "book", "booking-held", "booking-paid", "booking-expired"},
    "admins": {"shards", "rush", "manage", "manage-event", "manage-date"},
}
SCREENS = {f"{screen}-{scheme}" for screen in ("phone", "wide") for scheme in ("light", "dark")}


@pytest.mark.parametrize("who", VIEWS)
def test_every_view_is_taken_on_every_screen(who: str, play: Play) -> None:
    folder = Path(os.environ["PICTURES"])
    wanted = [folder / f"{view}-{screen}.png" for view in VIEWS[who] for screen in SCREENS]
    for picture in wanted:
        picture.unlink(missing_ok=True)
    play("--config", CONFIG, f"{who}.pictures.ts")
    assert [picture.name for picture in wanted if not picture.exists()] == []
