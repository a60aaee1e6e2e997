"""Where a Chromium is looked for, and when the browser tests may not be left out."""

from pathlib import Path

from tests.browser.chromium import find_chromium, must_have_chromium


def test_the_one_that_is_named_is_taken() -> None:
    assert find_chromium({"CHROMIUM": "/opt/chromium", "PATH": ""}) == "/opt/chromium"


def test_one_that_is_installed_is_found(tmp_path: Path) -> None:
    installed = tmp_path / "google-chrome"
    installed.write_text("#!/bin/sh\n")
    installed.chmod(0o755)
    assert find_chromium({"PATH": str(tmp_path)}) == str(installed)


def test_without_any_there_is_none(tmp_path: Path) -> None:
    assert find_chromium({"PATH": str(tmp_path)}) is None


def test_ci_and_root_may_not_leave_the_stories_out() -> None:
    assert must_have_chromium({"CI": "true"}, user=1000)
    assert must_have_chromium({}, user=0)
    assert not must_have_chromium({}, user=1000)
