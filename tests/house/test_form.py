"""The form of every file: sizes, names, tests that wait on signals, exemptions with their reason.

Each finder is also shown a bad sample, which it must find: a check that cannot fail checks nothing.
"""

import subprocess
import sys
from collections.abc import Callable
from typing import TypeAlias

import pytest

from tests.house import form, pages, statements
from tests.house.tree import ROOT, files_below, project_files

Finder: TypeAlias = Callable[[str], list[str]]
SOURCES = ("src", "tests", "bench", "stress")

LONG_FUNCTION = "def first():\n" + "    x = 1\n" * 40
LONGEST_FUNCTION = "def first():\n" + "    x = 1\n" * 39
LONG_FILE = "x = 1\n" * 301
PURPOSE = "-- Takes units of one date.\n--\n"

OF_PYTHON: list[tuple[Finder, tuple[str, ...]]] = [
    (form.long_file, SOURCES),
    (form.long_functions, SOURCES),
    (form.abbreviations, SOURCES),
    (form.unexplained_exemptions, SOURCES),
    (form.sleeps, ("tests",)),
    (form.patches, ("tests",)),
]
OF_SQL: list[Finder] = [form.long_file, statements.header_gaps, statements.statement_faults]

BAD: list[tuple[Finder, str]] = [
    (form.long_file, LONG_FILE),
    (form.long_functions, LONG_FUNCTION),
    (form.long_functions, LONG_FUNCTION.replace("def", "async def")),
    (form.long_functions, "class Shop:\n    " + LONG_FUNCTION.replace("\n", "\n    ").rstrip()),
    (form.abbreviations, "conn = 1"),
    (form.abbreviations, "self.max_conn = 1"),
    (form.abbreviations, "def book(req): ..."),
    (form.abbreviations, "def get_cfg(): ..."),
    (form.abbreviations, "class ShardMgr: ..."),
    (form.abbreviations, "import database as db"),
    (form.abbreviations, "for idx in range(3): ..."),
    (form.unexplained_exemptions, "x = 1  # noqa"),
    (form.unexplained_exemptions, "x = 1  # noqa: S101"),
    (form.unexplained_exemptions, "x = 1  # type: ignore"),
    (form.unexplained_exemptions, "x = 1  # type: ignore[arg-type]"),
    (form.unexplained_exemptions, "# ruff: noqa: S101 - the whole file, for a reason"),
    (form.unexplained_exemptions, "# mypy: ignore-errors"),
    (form.unexplained_exemptions, "# fmt: off"),
    (form.sleeps, "import time\ntime.sleep(1)"),
    (form.sleeps, "async def wait():\n    await asyncio.sleep(0.1)"),
    (form.sleeps, "from time import sleep\nsleep(1)"),
    (form.sleeps, "async def turn():\n    await asyncio.sleep(0)"),
    (form.sleeps, "connection.execute('select pg_sl" + "eep(1)')"),
    (form.patches, "from unittest import mock"),
    (form.patches, "from unittest.mock import patch"),
    (form.patches, "import unittest.mock"),
    (form.patches, "def test_a(mocker): ..."),
    (form.patches, "monkeypatch.setattr('boxoffice.selling.book', None)"),
    (form.patches, "monkeypatch.setattr(selling, 'book', None)"),
    (statements.header_gaps, "SELECT 1"),
    (statements.header_gaps, "-- Locks nothing.\nSELECT 1"),
    (statements.header_gaps, "-- Reads one moment's truth.\nSELECT 1"),
    (statements.header_gaps, PURPOSE + "-- Locks nothing.\nSELECT $1"),
    (statements.header_gaps, PURPOSE + "-- $1 event_id\n--\n-- Locks nothing.\nSELECT 1"),
    (statements.header_gaps, PURPOSE + "-- Locks nothing.\nUPDATE consumption SET shard_current = 1"),
    (statements.header_gaps, PURPOSE + "-- Locks tickets, by id.\nUPDATE consumption SET shard_current = 1"),
    (statements.header_gaps, PURPOSE + "-- Locks consumption.\nSELECT 1 FROM consumption FOR NO KEY UPDATE"),
    (statements.header_gaps, PURPOSE + "-- Locks consumption, by shard.\nSELECT 1 FROM consumption"),
    (statements.statement_faults, "SELECT 1; SELECT 2;"),
    (statements.statement_faults, "-- Nothing but words."),
    (statements.statement_faults, "SELECT 1 FROM consumption FOR UPDATE"),
    (statements.script_gaps, "return redis.call('GET', KEYS[1])"),
    (statements.script_gaps, "-- Reads the mark of a date.\nreturn redis.call('GET', KEYS[1])"),
    (statements.script_gaps, "-- Reads the mark of a date.\n-- KEYS[1] the mark\nreturn {KEYS[1], KEYS[2]}"),
    (pages.places_elsewhere, "see /ho" + "me/somebody/boxoffice"),
    (pages.places_elsewhere, "url = 'https://files.pytho" + "nhosted.org/packages/x.whl'"),
    (pages.places_elsewhere, "--extra-in" + "dex-url https://example.org/sim" + "ple"),
]
GOOD: list[tuple[Finder, str]] = [
    (form.long_file, "x = 1\n" * 300),
    (form.long_functions, LONGEST_FUNCTION),
    (form.abbreviations, "max_tickets, num_shards = library.conn, call(req=1)"),
    (form.unexplained_exemptions, "x = 1  # noqa: S101, B008 - the runner reads the annotation"),
    (form.unexplained_exemptions, "x = 1  # type: ignore[arg-type]  # the library's stub is wrong"),
    (form.unexplained_exemptions, "x = '# noqa'"),
    (form.sleeps, "sleep = 'asleep'"),
    (form.patches, "monkeypatch.setenv('PORT', '8001')"),
    (statements.header_gaps, PURPOSE + "-- Locks nothing: one snapshot.\nSELECT 1"),
    (statements.header_gaps, PURPOSE + "-- Locks consumption, by shard.\nUPDATE consumption SET shard_current = 1"),
    (statements.statement_faults, "-- a; b\nSELECT ';' FOR NO KEY UPDATE;"),
    (statements.script_gaps, "-- Reads the mark of a date.\n-- KEYS[1] the mark\nreturn redis.call('GET', KEYS[1])"),
    (pages.places_elsewhere, "GET /events/1 at http://127.0.0.1:8000 and https://www.postgresql.org/docs"),
]


@pytest.mark.parametrize(("finder", "folders"), OF_PYTHON)
def test_python_has_the_form(finder: Finder, folders: tuple[str, ...]) -> None:
    files = files_below(*folders, ending=".py")
    assert [f"{file.path}: {found}" for file in files if not _waits(file.path) for found in finder(file.text)] == []


def _waits(path: str) -> bool:
    """tests/waiting.py holds the one loop that polls a condition, and so the one pause."""
    return path == "tests/waiting.py"


@pytest.mark.parametrize("finder", OF_SQL)
def test_every_statement_has_the_form(finder: Finder) -> None:
    files = files_below("src", "tests", ending=".sql")
    assert [f"{file.path}: {found}" for file in files for found in finder(file.text)] == []


def test_every_script_has_the_form() -> None:
    files = files_below("src/boxoffice/availability", ending=".lua")
    finders = (form.long_file, statements.script_gaps)
    assert [f"{file.path}: {found}" for file in files for finder in finders for found in finder(file.text)] == []


def test_nothing_names_one_machine_or_one_registry() -> None:
    files = project_files()
    assert [f"{file.path}: {found}" for file in files for found in pages.places_elsewhere(file.text)] == []


def test_files_are_named_in_words() -> None:
    names = [file.path for file in files_below(*SOURCES, ending=".py")]
    assert [name for name in names for word in name.removesuffix(".py").split("/") if form.has_abbreviation(word)] == []


@pytest.mark.parametrize(("finder", "sample"), BAD)
def test_control_the_finder_finds_the_bad_sample(finder: Finder, sample: str) -> None:
    assert finder(sample)


@pytest.mark.parametrize(("finder", "sample"), GOOD)
def test_control_the_finder_lets_the_good_sample_be(finder: Finder, sample: str) -> None:
    assert finder(sample) == []


@pytest.mark.parametrize(
    ("sample", "rule"),
    [
        ("x = 1\n", "D100"),
        ('"""A file."""\n\n\nclass Shop:\n    x = 1\n', "D101"),
        ('"""A file."""\n\n\nclass Shop:\n    """Sells."""\n\n    def sell(self) -> None: ...\n', "D102"),
        ('"""A file."""\n\n\ndef sell() -> None: ...\n', "D103"),
    ],
)
def test_ruff_wants_a_docstring_on_everything_public(sample: str, rule: str) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--stdin-filename", "src/boxoffice/selling.py", "-"]
    checked = subprocess.run(command, input=sample, text=True, capture_output=True, cwd=ROOT, check=False)
    assert checked.returncode == 1
    assert rule in checked.stdout
