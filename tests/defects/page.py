"""The page that says which test noticed which defect: written by the hunt, held to the table by a test."""

import re
from collections.abc import Iterable, Mapping, Sequence

from tests.defects.hunt import Catch
from tests.defects.survivors import Count, Explanation
from tests.defects.table import Defect
from tests.house.tree import ROOT

PAGE = ROOT / "docs/seeded-defects.md"
BEGIN, END = "<!-- written by make defects -->", "<!-- end -->"
ROW = re.compile(r"^\| (?P<name>[^|]+?) \| `(?P<file>[^`]+)` \| `(?P<test>[^`]+)` \| (?P<seconds>\d+) \|$", re.M)
MISSED = "-"
BEGIN_OF_SURVIVORS = "<!-- written by make mutants -->"
BEGIN_OF_COUNTS = "<!-- counted by make mutants -->"
NOT_COUNTED = "Not counted yet: "
COUNTED = re.compile(r"^\| `(?P<file>[^`]+)` \| (?P<changes>\d+) \| (?P<noticed>\d+) \| (?P<explained>\d+) \|$", re.M)


def read_rows(text: str) -> dict[str, tuple[str, str, int]]:
    """Return file, test and seconds of each defect that the page names."""
    between = text.partition(BEGIN)[2].partition(END)[0]
    return {row["name"]: (row["file"], row["test"], int(row["seconds"])) for row in ROW.finditer(between)}


def written(text: str, defects: Sequence[Defect], caught: Mapping[str, Catch]) -> str:
    """Return the page with what was caught now; what was not looked for stays as it was."""
    before, _, rest = text.partition(BEGIN)
    known = read_rows(text)
    for defect in defects:
        if defect.name in caught:
            catch = caught[defect.name]
            test = (catch.test or MISSED).partition("[")[0]
            known[defect.name] = (defect.file, test, round(catch.seconds))
    lines = _lines((defect.name, *known[defect.name]) for defect in defects if defect.name in known)
    return before + "\n".join([BEGIN, "", *lines, "", END]) + rest.partition(END)[2]


def _lines(rows: Iterable[tuple[str, str, str, int]]) -> list[str]:
    head = ["| what is wrong | where | noticed by | after s |", "| --- | --- | --- | --- |"]
    return head + [
        f"| {name} | `{file.removeprefix('src/boxoffice/')}` | `{test.removeprefix('tests/')}` | {seconds} |"
        for name, file, test, seconds in rows
    ]


def explained(text: str, explanations: Sequence[Explanation]) -> str:
    """Return the page with these explanations of mutants that survive."""
    before, _, rest = text.partition(BEGIN_OF_SURVIVORS)
    head = ["| where | what | becomes | why nobody can notice |", "| --- | --- | --- | --- |"]
    rows = [
        f"| `{one.function.removeprefix('boxoffice.')}` | `{one.old}` | `{one.new}` | {one.because} |"
        for one in explanations
    ]
    return before + "\n".join([BEGIN_OF_SURVIVORS, "", *head, *rows, "", END]) + rest.partition(END)[2]


def read_counts(text: str) -> dict[str, Count]:
    """Return what the page says of the changes of each file."""
    between = text.partition(BEGIN_OF_COUNTS)[2].partition(END)[0]
    return {
        row["file"]: Count(changes=int(row["changes"]), noticed=int(row["noticed"]), explained=int(row["explained"]))
        for row in COUNTED.finditer(between)
    }


def counted(text: str, modules: Sequence[str], counts: Mapping[str, Count]) -> str:
    """Return the page with these counts by module; one not counted now keeps what it had, or is said to be missing."""
    before, _, rest = text.partition(BEGIN_OF_COUNTS)
    known = read_counts(text) | {file_of(module): count for module, count in counts.items()}
    files = [file_of(module) for module in modules]
    lines = ["| file | changes | noticed | explained |", "| --- | --- | --- | --- |"] + [
        f"| `{file}` | {known[file].changes} | {known[file].noticed} | {known[file].explained} |"
        for file in files
        if file in known
    ]
    missing = [f"`{file}`" for file in files if file not in known]
    lines += ["", f"{NOT_COUNTED}{', '.join(missing)}."] if missing else []
    return before + "\n".join([BEGIN_OF_COUNTS, "", *lines, "", END]) + rest.partition(END)[2]


def read_not_counted(text: str) -> Sequence[str]:
    """Return the files that the page says have not been counted."""
    between = text.partition(BEGIN_OF_COUNTS)[2].partition(END)[0]
    return re.findall(r"`([^`]+)`", between.partition(NOT_COUNTED)[2])


def file_of(module: str) -> str:
    """Return the file of a module as the page names it."""
    return module.removeprefix("boxoffice.").replace(".", "/") + ".py"
