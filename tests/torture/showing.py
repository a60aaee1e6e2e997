"""The table of a run: in the terminal, in Markdown for docs/proof.md, and as one HTML file."""

from html import escape
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bench.documentation import put_between
from bench.page import STYLE
from bench.values import Machine
from tests.torture.faults import FAULTS
from tests.torture.results import Report
from tests.torture.words import COLUMNS, cells, failures, remarks_of

BEGIN = "<!-- faults: made by `python -m tests.torture document`, not by hand -->"
END = "<!-- end of the faults -->"


def render(report: Report) -> RenderableType:
    """Return the table for a terminal."""
    table = Table(title="Faults under load", title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for place, column in enumerate(COLUMNS):
        table.add_column(column, justify="left" if place == 0 else "right")
    for result in report.results:
        clean = bool(result.trials) and not any(trial.untrue for trial in result.trials)
        *most, untrue = cells(result)
        table.add_row(*most, Text(untrue, style="bold green" if clean else "bold red"))
    lines = [Text(f"{result.name}: {line}", style="dim") for result in report.results for line in remarks_of(result)]
    return Group(table, *lines)


def render_names() -> RenderableType:
    """Return the names that ONLY= takes."""
    table = Table("name", "what", box=None, pad_edge=False)
    for fault in FAULTS:
        table.add_row(fault.name, fault.what)
    return table


def render_markdown(report: Report) -> str:
    """Return the tables for the documentation."""
    aligned = [":---" if place == 0 else "---:" for place in range(len(COLUMNS))]
    rows = [COLUMNS, aligned, *(cells(result) for result in report.results)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    remarks = "\n".join(f"- `{result.name}`: {line}" for result in report.results for line in remarks_of(result))
    return "\n\n".join((_machine(report.machine), table, remarks))


def write_markdown(page: Path, report: Report) -> None:
    """Replace what stands between the page's marks. Raises ValueError when it has none."""
    text = put_between(page.read_text(encoding="utf-8"), BEGIN, END, render_markdown(report))
    page.write_text(text, encoding="utf-8")


def render_page(report: Report) -> str:
    """Return the whole page: no script, nothing asked of any other server."""
    head = "".join(f"<th>{escape(column)}</th>" for column in COLUMNS)
    rows = []
    for result in report.results:
        name, *figures = cells(result)
        remarks = "".join(f'<span class="remark">{escape(line)}</span>' for line in remarks_of(result))
        numbers = "".join(f'<td class="number">{escape(figure)}</td>' for figure in figures)
        rows.append(f"<tr><td><strong>{escape(name)}</strong>{remarks}</td>{numbers}</tr>")
    failed = "".join(f'<p class="verdict bad">{escape(line)}</p>' for line in failures(report))
    table = f"<table><thead><tr>{head}</tr></thead><tbody>\n" + "\n".join(rows) + "\n</tbody></table>"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Boxoffice, tortured</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>Faults under load</h1>\n"
        f'<p>{escape(_machine(report.machine))}</p>\n{failed}\n<div class="wide">{table}</div>\n</body>\n</html>\n'
    )


def _machine(machine: Machine) -> str:
    return (
        f"Measured on {machine.processors} processors ({machine.processor}), {machine.memory_gb:g} GB of memory, "
        f"{machine.filesystem} (a page synchronised in {machine.sync_ms:.2f} ms), {machine.system}."
    )
