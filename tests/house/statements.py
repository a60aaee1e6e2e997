"""What the house finds wrong with a `.sql` or `.lua` file: pure functions of its text.

A `.sql` file is a header of comment lines and one statement. The header's first line is the purpose; it explains each
parameter as `$1 name`; a paragraph that begins with `Locks` says which rows are locked, by what order, or `nothing`.
"""

import re

_LOCKING = re.compile(r"\b(FOR (NO KEY )?UPDATE|FOR (KEY )?SHARE|UPDATE [a-z]|DELETE FROM|INSERT INTO)")
_MOVING = re.compile(r"\b(?:UPDATE|DELETE FROM) ([a-z_]+)")
_AN_ORDER = re.compile(r"\b(by|sorted|in order of|one row|new rows?)\b")
_PARAMETER = re.compile(r"\$\d+")
PURPOSE_WORDS_MIN = 4


def header(text: str) -> str:
    """Return the comment that a file opens with, without its marks."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    return "\n".join(lines)


def statement(text: str) -> str:
    """Return the statement on one line, without comments and without what its strings say."""
    without_comments = re.sub(r"--.*", "", text)
    return " ".join(re.sub(r"'[^']*'", "''", without_comments).split())


def paragraph_on_locks(text: str) -> str:
    """Return the header's paragraph that begins with Locks; empty when there is none."""
    paragraphs = (" ".join(lines.split()) for lines in header(text).split("\n\n"))
    return next((said for said in paragraphs if re.match(r"Locks\b", said)), "")


def header_gaps(text: str) -> list[str]:
    """Find what the header does not say: purpose, parameters, rows locked and their order; and what it says wrongly."""
    first_line = header(text).partition("\n")[0]
    found = []
    if len(first_line.split()) < PURPOSE_WORDS_MIN or first_line.startswith(("Locks", "$")):
        found.append("the header does not begin with the purpose")
    used, explained = set(_PARAMETER.findall(statement(text))), set(_PARAMETER.findall(header(text)))
    found += [f"the header and the statement disagree on {name}" for name in sorted(used ^ explained)]
    return found + _gaps_on_locks(paragraph_on_locks(text), statement(text))


def _gaps_on_locks(says: str, does: str) -> list[str]:
    if not says:
        return ["no paragraph of the header begins with Locks"]
    says_nothing = says.startswith("Locks nothing")
    if not _LOCKING.search(does):
        return [] if says_nothing else ["the header speaks of locks, the statement takes none"]
    if says_nothing:
        return ["the header says that nothing is locked"]
    unnamed = sorted(table for table in set(_MOVING.findall(does)) if not re.search(rf"\b{table}\b", says))
    found = [f"the header does not say that rows of {table} are locked" for table in unnamed]
    return found if _AN_ORDER.search(says) else [*found, "the header does not say in which order rows are locked"]


def script_gaps(text: str) -> list[str]:
    """Find what the header of a `.lua` file does not say: the purpose, and each key that the script uses."""
    says = header(text)
    found = []
    if len(says.partition("\n")[0].split()) < PURPOSE_WORDS_MIN or says.startswith(("KEYS", "ARGV")):
        found.append("the header does not begin with the purpose")
    used = set(re.findall(r"KEYS\[\d+\]", re.sub(r"--.*", "", text)))
    explained = set(re.findall(r"KEYS\[\d+\]", says))
    return found + [f"the header does not explain {name}" for name in sorted(used - explained)]


def statement_faults(text: str) -> list[str]:
    """Find more or fewer statements than one, and row locks that stop foreign-key checks."""
    said = statement(text)
    count = len([part for part in said.split(";") if part.strip()])
    found = [] if count == 1 else [f"{count} statements, not one"]
    return found + (["FOR UPDATE: FOR NO KEY UPDATE is enough"] if re.search(r"\bFOR UPDATE\b", said) else [])
