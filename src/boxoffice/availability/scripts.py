"""The Lua scripts: one file each in lua/, every key of a script in one hash tag, commands of Redis 7.0 only."""

from hashlib import sha1
from importlib.resources import files
from typing import NamedTuple


class Script(NamedTuple):
    """A Lua script and the name by which Redis knows it once it has run."""

    text: str
    name: str

    @classmethod
    def of(cls, text: str) -> "Script":
        """Return the script with that text."""
        return cls(text, sha1(text.encode(), usedforsecurity=False).hexdigest())


def _load(name: str) -> Script:
    return Script.of(files("boxoffice.availability").joinpath(f"lua/{name}.lua").read_text())


class MarkScripts(NamedTuple):
    """What the marks say to Redis; a control test takes a guard away by passing another script."""

    begin: Script
    learn: Script
    ask: Script
    open: Script
    shards: Script
    say: Script


class MemoryScripts(NamedTuple):
    """What the caches say to Redis; a control test takes a guard away by passing another script."""

    recall: Script
    keep: Script
    change: Script


class RosterScripts(NamedTuple):
    """What the roster says to Redis; a control test takes a guard away by passing another script."""

    beat: Script
    leave: Script


class LimitScripts(NamedTuple):
    """What the limits of clients say to Redis; a control test takes a guard away by passing another script."""

    tally: Script
    claim: Script
    change_claim: Script


MARK_SCRIPTS = MarkScripts(
    begin=_load("begin_pass"),
    learn=_load("learn_mark"),
    ask=_load("ask_mark"),
    open=_load("open_date"),
    shards=_load("exhausted_shards"),
    say=_load("say"),
)
MEMORY_SCRIPTS = MemoryScripts(recall=_load("recall"), keep=_load("keep"), change=_load("change"))
ROSTER_SCRIPTS = RosterScripts(beat=_load("beat"), leave=_load("leave"))
LIMIT_SCRIPTS = LimitScripts(tally=_load("tally"), claim=_load("claim"), change_claim=_load("change_claim"))
