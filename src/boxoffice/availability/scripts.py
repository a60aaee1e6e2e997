"""The Lua scripts: one file each in lua/, every key of a script in one hash tag, commands of Redis 7.0 only."""

from dataclasses import dataclass
from hashlib import sha1
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Script:
    """A Lua script and the name by which Redis knows it once it has run."""

    text: str
    name: str

    @classmethod
    def of(cls, text: str) -> "Script":
        """Return the script with that text."""
        return cls(text, sha1(text.encode(), usedforsecurity=False).hexdigest())


def load_script(name: str) -> Script:
    """Read lua/<name>.lua."""
    return Script.of(files("boxoffice.availability").joinpath(f"lua/{name}.lua").read_text())


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkScripts:
    """What the marks say to Redis; a control test takes a guard away by passing another script."""

    begin: Script = load_script("begin_pass")
    learn: Script = load_script("learn_mark")
    ask: Script = load_script("ask_mark")
    open: Script = load_script("open_date")
    shards: Script = load_script("exhausted_shards")
    say: Script = load_script("say")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryScripts:
    """What the caches say to Redis; a control test takes a guard away by passing another script."""

    recall: Script = load_script("recall")
    keep: Script = load_script("keep")
    change: Script = load_script("change")
