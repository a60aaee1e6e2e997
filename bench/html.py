"""What the pages of results share: one file each, in light and in dark, nothing asked of any other server."""

from collections.abc import Iterable, Mapping
from html import escape

from bench.values import Machine

STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --paper: #fff; --soft: #66707d; --rule: #d8dde3; --line: #2563a8;
  --good: #15803d; --bad: #b91c1c; --open: #a16207; --second: #c2570c; --third: #6d3fa0; --tint: #2563a830; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --paper: #14181e; --soft: #9aa5b1; --rule: #333c47;
  --line: #6cabf0; --good: #4ade80; --bad: #f87171; --open: #facc15; --second: #fb923c; --third: #c4a1f5; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto;
  max-width: 96rem; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .55rem .7rem; border-bottom: 1px solid var(--rule); }
td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
small, dd, .remark { color: var(--soft); } .remark { display: block; font-size: .85rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; } dd { margin: 0; }
.verdict { font-weight: 600; } .good { color: var(--good); } .bad { color: var(--bad); } .open { color: var(--open); }
svg { max-width: 100%; height: auto; display: block; } svg text { font-size: 11px; fill: var(--soft); }
.axis, .grid { stroke: var(--rule); }
"""


def html_page(title: str, style: str, parts: Iterable[str]) -> str:
    """Return a whole page; `style` comes after what all pages share."""
    head = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}{style}</style>\n</head>\n"
    )
    return head + "<body>\n" + "\n".join(parts) + "\n</body>\n</html>\n"


def facts(told: Mapping[str, str]) -> str:
    """Return names and what each of them is."""
    rows = (f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in told.items())
    return f"<dl>{''.join(rows)}</dl>"


def machine_facts(machine: Machine) -> Mapping[str, str]:
    """Say what the machine is."""
    return {
        "processor": f"{machine.processors} x {machine.processor}",
        "memory": f"{machine.memory_gb:g} GB",
        "system": machine.system,
        "disk": f"{machine.filesystem}, one page synchronised in {machine.sync_ms:.2f} ms",
        "database": ", ".join(f"{name} {value}" for name, value in machine.durable.items()) or "not seen",
        **machine.programs,
    }
