"""What the pages under docs/ claim to exist, and what the house finds wrong with them: pure functions of text."""

import re
from collections.abc import Iterable

_ROW = re.compile(r"^\|\s*`([^`]+)`\s*\|", re.M)
_HEADING = re.compile(r"^(#+) +(.*?)\s*$", re.M)
_LINK = re.compile(r"\]\((?!https?://|mailto:|#|/)([^)#\s]+)(?:#[^)\s]*)?\)")
_PICTURE = re.compile(r"!\[([^\]]*)\]\((?!https?://)([^)\s]+)\)")
_DECISION = re.compile(r"(\d{4})-[a-z0-9-]+\.md")
DECISION_SECTIONS = ("Context", "Decision", "Alternatives", "Consequences")
_ELSEWHERE = re.compile(
    r"/wor[k]/|/roo[t]/|/hom[e]/[a-z]|/User[s]/|/tm[p]/[a-z]|"
    r"\bpyp[i]\.|pythonhoste[d]\.|registr[y]\.(npm|yarn)|npmj[s]\.|--(extra-)?inde[x]-url|artifactor[y]|proxy\.golan[g]",
    re.I,
)


def section(text: str, title: str) -> str:
    """Return what stands under one heading, down to the next of its level or above. Raises KeyError when missing."""
    headings = list(_HEADING.finditer(text))
    for place, heading in enumerate(headings):
        if heading[2] == title:
            after = (later.start() for later in headings[place + 1 :] if len(later[1]) <= len(heading[1]))
            return text[heading.end() : next(after, len(text))]
    raise KeyError(title)


def rows(text: str) -> list[str]:
    """Return the code in the first cell of each table row: the thing that the row is about."""
    return _ROW.findall(text)


def headings(text: str, level: int) -> list[str]:
    """Return the headings of one level, without the marks of code."""
    return [title.replace("`", "") for marks, title in _HEADING.findall(text) if len(marks) == level]


def disagreements(documented: Iterable[str], existing: Iterable[str]) -> list[str]:
    """Find what exists without an entry, what has an entry without existing, and what has two."""
    entries = list(documented)
    present = set(existing)
    return [
        *(f"not documented: {name}" for name in sorted(present.difference(entries))),
        *(f"documented but not there: {name}" for name in sorted(set(entries) - present)),
        *(f"documented twice: {name}" for name in sorted({name for name in entries if entries.count(name) > 1})),
    ]


def relative_links(text: str) -> list[str]:
    """Return the targets of a page's links to other files of the project."""
    return _LINK.findall(text)


def pictures(text: str) -> list[tuple[str, str]]:
    """Return a page's pictures of the project: the words for those who do not see them, and the file."""
    return _PICTURE.findall(text)


def misnumbered(names: Iterable[str]) -> list[str]:
    """Find decision records that are not called NNNN-words.md, or whose numbers are not 1, 2, 3 without gap."""
    ordered = sorted(names)
    found = [f"{name}: not NNNN-words.md" for name in ordered if not _DECISION.fullmatch(name)]
    numbers = [int(match[1]) for name in ordered if (match := _DECISION.fullmatch(name))]
    expected = list(range(1, len(numbers) + 1))
    return found + ([f"numbered {numbers}, not {expected}"] if numbers != expected else [])


def incomplete_decision(text: str) -> list[str]:
    """Find the sections that a decision record lacks."""
    return [f"lacks ## {title}" for title in DECISION_SECTIONS if title not in headings(text, 2)]


def places_elsewhere(text: str) -> list[str]:
    """Find paths of one person's machine and hosts of package registries: neither holds for anyone else."""
    return [
        f"line {number}: {match[0]}"
        for number, line in enumerate(text.splitlines(), 1)
        for match in _ELSEWHERE.finditer(line)
    ]
