"""What the scenarios cannot be told ends a run before anything is stormed, with the figure named."""

from pathlib import Path

import msgspec
import pytest

from bench.errors import CannotRun
from stress.artillery import Artillery
from stress.settings import Options, changed
from tests.house.tree import ROOT


def artillery(folder: Path, *changes: str) -> Artillery:
    """Artillery with these figures changed."""
    file = folder / "settings.json"
    options = Options(quick=True, changes=changes)
    file.write_bytes(msgspec.json.encode(changed(options)))
    return Artillery(folder, {"STRESS_SETTINGS": str(file), "STRESS_SET": options.storm_set})


def test_the_settings_are_those_of_the_set_with_the_changes_over_it(tmp_path: Path) -> None:
    defaults = msgspec.json.decode((ROOT / "load/settings.json").read_bytes())
    settings = artillery(tmp_path, "rates.rush=7").settings()
    assert settings.rates["rush"] == 7
    assert settings.rates["plateau"] == defaults["quick"]["rates"]["plateau"]
    assert list(settings.think_ms) == settings.told["think_ms"] == defaults["default"]["think_ms"]


@pytest.mark.parametrize(
    ("change", "named"), [("shrads=4", "shrads"), ("shards=0", "shards"), ("tickets=7", "tickets")]
)
def test_a_figure_that_cannot_be_is_named(tmp_path: Path, change: str, named: str) -> None:
    with pytest.raises(CannotRun, match=named):
        artillery(tmp_path, change).settings()
