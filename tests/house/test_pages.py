"""The pages cannot lie: what exists is documented, what is documented exists, and links lead somewhere."""

import re
from collections.abc import Iterator
from typing import get_args, get_type_hints

import pytest

from boxoffice.api.messages import ReservationState
from boxoffice.api.metric_families import FAMILIES
from boxoffice.cli import app as commands
from boxoffice.counting import FIND_OUTCOMES, HOLD_OUTCOMES, PAYMENT_OUTCOMES, REASONS, RELEASE_OUTCOMES
from boxoffice.errors import Problem
from boxoffice.settings import Settings, environment_name
from boxoffice.tables import Base
from tests.house import pages, statements
from tests.house.tree import ROOT, ProjectFile, files_below, page, project_files

SQL = "src/boxoffice/booking/sql"
PICTURES = "docs/pictures"
PICTURE_BYTES_MAX = 100_000
METRIC_ROW = r"^\| `(\w+)` \| (\w+) \| (.*?) ?\|"
TABLES = frozenset(Base.metadata.tables)
SELF_EVIDENT = {"id", "event_id", "reservation_id", "ticket_type_id", "ticket_type", "name", "time_zone", "created_at"}


def problem_types(of: type[Problem] = Problem) -> Iterator[type[Problem]]:
    """Every problem type below this one."""
    for kind in of.__subclasses__():
        yield kind
        yield from problem_types(kind)


def tables_named(text: str) -> list[str]:
    """The tables that a text names, each once, in order of their first mention."""
    return list(dict.fromkeys(word for word in re.findall(r"[a-z_]+", text) if word in TABLES))


def test_every_setting_is_documented() -> None:
    existing = map(environment_name, Settings.__struct_fields__)
    assert pages.disagreements(pages.rows(page("docs/settings.md")), existing) == []


def test_every_metric_is_documented_with_its_type_and_labels() -> None:
    table = pages.section(page("docs/metrics.md"), "The metrics")
    assert pages.disagreements(pages.rows(table), [family.shown_name for family in FAMILIES.values()]) == []
    documented = {name: (kind, labels) for name, kind, labels in re.findall(METRIC_ROW, table, re.M)}
    assert documented == {
        family.shown_name: (family.kind, " ".join(f"`{label}`" for label in family.labels))
        for family in FAMILIES.values()
    }


def test_every_outcome_and_every_reason_is_documented() -> None:
    text = page("docs/metrics.md")
    outcomes = {*HOLD_OUTCOMES, *PAYMENT_OUTCOMES, *RELEASE_OUTCOMES, *FIND_OUTCOMES}
    assert pages.disagreements(pages.rows(pages.section(text, "Outcomes")), outcomes) == []
    reasons = [reason for reason in REASONS if reason != "client_left"]  # an outcome of its own
    assert pages.disagreements(pages.rows(pages.section(text, "Reasons")), reasons) == []


def test_every_command_and_its_options_are_documented() -> None:
    text = page("docs/commands.md")
    names = [name for name in commands if not name.startswith("-")]
    assert pages.disagreements(pages.headings(text, 2), [f"boxoffice {name}" for name in names]) == []
    for name in names:
        arguments = commands[name].assemble_argument_collection()
        options = [option for argument in arguments for option in argument.names if is_shown(option)]
        documented = [word.partition(" ")[0] for word in pages.rows(pages.section(text, f"`boxoffice {name}`"))]
        assert pages.disagreements(documented, options) == [], name


def is_shown(option: str) -> bool:
    """Whether a name is an option with a row of its own: `--no-x` and `--empty-x` are made by the library."""
    return option.startswith("--") and not option.startswith(("--no-", "--empty-"))


def test_every_problem_type_is_documented_with_its_status() -> None:
    documented = re.findall(r"^\| `([a-z-]+)` \| (\d+) \|", page("docs/problems.md"), re.M)
    existing = [f"{kind.slug} {kind.status}" for kind in problem_types()]
    assert pages.disagreements(map(" ".join, documented), existing) == []
    explained = [file.path.rpartition("/")[2] for file in files_below("src/boxoffice/api/explanations", ending=".md")]
    assert pages.disagreements(explained, [f"{kind.slug}.md" for kind in problem_types()]) == []


def test_every_table_and_column_is_in_the_glossary() -> None:
    glossary = page("docs/glossary.md")
    assert pages.disagreements(pages.rows(pages.section(glossary, "Tables")), TABLES) == []
    columns = {column.name for table in Base.metadata.tables.values() for column in table.columns}
    explained = re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\|[^|]*\|", pages.section(glossary, "Columns"), re.M)))
    assert pages.disagreements(explained, columns - SELF_EVIDENT) == []


def test_the_glossary_names_the_model_of_each_table() -> None:
    models = {mapper.class_.__tablename__: mapper.class_.__name__ for mapper in Base.registry.mappers}
    documented = dict(re.findall(r"^\| `([a-z_]+)` \| `(\w+)` \|", page("docs/glossary.md"), re.M))
    assert documented == models


def test_every_state_is_documented_and_drawn() -> None:
    text = page("docs/reservation-states.md")
    documented = pages.rows(text)
    live = [state for state in documented if f"| `{state}` | the row" in text]
    ended = [state for state in documented if state not in live]
    assert pages.disagreements(live, get_args(get_type_hints(ReservationState)["state"])) == []
    assert [
        verb for state in ended if not (ROOT / "src/boxoffice/booking" / (verb := ending_verb(state))).exists()
    ] == []
    drawn = set(re.findall(r"^ {4}(?:\[\*\]|\w+) --> (\w+)", text, re.M))
    assert drawn == set(documented)


def ending_verb(state: str) -> str:
    """The file of the verb that ends in this state: release.py for released."""
    return f"{state.removesuffix('d')}.py"


def test_every_statement_is_in_the_document_on_concurrency() -> None:
    names = [file.path.removeprefix(f"{SQL}/") for file in files_below(SQL, ending=".sql")]
    documented = pages.rows(pages.section(page("docs/concurrency.md"), "The statements"))
    assert pages.disagreements(documented, names) == []


@pytest.mark.parametrize("file", files_below(SQL, ending=".sql"), ids=lambda file: file.path)
def test_the_document_names_the_locks_of_the_header_in_their_order(file: ProjectFile) -> None:
    name = file.path.removeprefix(f"{SQL}/")
    row = re.search(rf"^\| `{re.escape(name)}` \|.*\|(.*)\|$", page("docs/concurrency.md"), re.M)
    assert row is not None
    says = statements.paragraph_on_locks(file.text)
    locked = [] if says.startswith("Locks nothing") else tables_named(says.partition(". ")[0])
    assert tables_named(" ".join(re.findall(r"`(.*?)`", row[1]))) == locked


def test_the_map_shows_every_part() -> None:
    parts = [
        path for path in (ROOT / "src/boxoffice").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    ]
    names = [f"{path.name}/" if path.is_dir() else path.name for path in parts if path.name != "__init__.py"]
    assert pages.disagreements(pages.rows(pages.section(page("ARCHITECTURE.md"), "The map")), names) == []


def test_links_lead_to_files() -> None:
    broken = [
        f"{file.path}: {target}"
        for file in project_files()
        if file.path.endswith(".md")
        for target in pages.relative_links(file.text)
        if not (ROOT / file.path).parent.joinpath(target).exists()
    ]
    assert broken == []


def test_no_page_has_a_place_that_was_to_be_filled_in() -> None:
    gaps = re.compile(r"^.*(?:@@\w+@@|\bTODO\b|\bTBD\b).*$", re.MULTILINE)
    left = [
        f"{file.path}: {gap}"
        for file in project_files()
        if file.path.endswith(".md")
        for gap in gaps.findall(file.text)
    ]
    assert left == []


def test_pictures_are_shown_with_words_and_are_small() -> None:
    shown = {
        (ROOT / file.path).parent.joinpath(target).resolve(): words
        for file in project_files()
        if file.path.endswith(".md")
        for words, target in pages.pictures(file.text)
    }
    there = {path for path in (ROOT / PICTURES).iterdir() if path.is_file()}
    assert there
    assert set(shown) == there
    assert [path.name for path, words in shown.items() if not words] == []
    assert [path.name for path in there if path.stat().st_size > PICTURE_BYTES_MAX] == []


def test_decisions_are_numbered_and_complete() -> None:
    records = files_below("docs/decisions", ending=".md")
    assert pages.misnumbered(record.path.rpartition("/")[2] for record in records) == []
    gaps = [f"{record.path}: {gap}" for record in records for gap in pages.incomplete_decision(record.text)]
    assert gaps == []
