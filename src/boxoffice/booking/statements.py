"""The booking side's statements, read once from sql/: one statement a file, with its locks in its header."""

from importlib.resources import files

_FOLDER = files("boxoffice.booking") / "sql"


def _read(name: str) -> str:
    return (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")


HOLD = _read("hold")
HOLD_CLAIM = _read("hold_claim")
HOLD_MOVE = _read("hold_move")
HOLD_SELL = _read("hold_sell")
FULL_PASS = _read("full_pass")
FIND_BY_ID = _read("find_by_id")
FIND_BY_KEY = _read("find_by_key")
PAY = _read("pay")
GIVE_BACK = _read("give_back")
LOCK_OVERDUE = _read("lock_overdue")
OVERDUE_OF_DATE = _read("overdue_of_date")
OVERDUE_OF_EVENT = _read("overdue_of_event")
OVERDUE_EVENTS = _read("overdue_events")
OVERDUE_EVENTS_REACHED = _read("citus/overdue_events")
