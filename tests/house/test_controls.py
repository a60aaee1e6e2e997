"""The finders of pages.py, shown what they must find and what they must let be."""

import pytest

from tests.house import pages

PAGE = """# Title

## Tables

| table | what |
| --- | --- |
| `events` | sold |
| `tickets` | bought, see `events` |

### More

| `ticket_type` | kind |

## `other`

See [the record](decisions/0001-x.md#context), [a site](https://example.org), [above](#title).
"""


def test_rows_are_what_tables_are_about() -> None:
    assert pages.rows(PAGE) == ["events", "tickets", "ticket_type"]


def test_a_section_ends_where_the_next_of_its_level_begins() -> None:
    assert pages.rows(pages.section(PAGE, "Tables")) == ["events", "tickets", "ticket_type"]
    assert pages.rows(pages.section(PAGE, "More")) == ["ticket_type"]
    with pytest.raises(KeyError):
        pages.section(PAGE, "Missing")


def test_pictures_are_found_with_their_words() -> None:
    text = "![Dates](a.webp) and ![](b.png), [a link](d.md), ![elsewhere](https://example.org/c.png)"
    assert pages.pictures(text) == [("Dates", "a.webp"), ("", "b.png")]


def test_headings_lose_their_marks() -> None:
    assert pages.headings(PAGE, 2) == ["Tables", "other"]


@pytest.mark.parametrize(
    ("documented", "existing", "found"),
    [
        (["a", "b"], ["b", "a"], []),
        (["a"], ["a", "b"], ["not documented: b"]),
        (["a", "b"], ["a"], ["documented but not there: b"]),
        (["a", "a"], ["a"], ["documented twice: a"]),
        ([], [], []),
    ],
)
def test_a_page_and_the_code_disagree(documented: list[str], existing: list[str], found: list[str]) -> None:
    assert pages.disagreements(documented, existing) == found


def test_links_are_found() -> None:
    assert pages.relative_links(PAGE) == ["decisions/0001-x.md"]


@pytest.mark.parametrize(
    "names",
    [
        ["0001-a.md", "0003-b.md"],
        ["0002-a.md"],
        ["0001-a.md", "0001-b.md"],
        ["0001-a.md", "notes.md"],
        ["0001-A decision.md"],
    ],
)
def test_decisions_with_gaps_are_found(names: list[str]) -> None:
    assert pages.misnumbered(names)


def test_decisions_without_gaps_are_let_be() -> None:
    assert pages.misnumbered(["0002-b.md", "0001-a.md"]) == []


def test_a_decision_without_alternatives_is_found() -> None:
    record = "# 0001\n\n## Context\n\n## Decision\n\n## Consequences\n"
    assert pages.incomplete_decision(record) == ["lacks ## Alternatives"]
    assert pages.incomplete_decision(record + "\n## Alternatives\n") == []
