"""What the house finds wrong with the form of a source file: pure functions from text to findings, one line each."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

FUNCTION_LINES_MAX = 40
FILE_LINES_MAX = 300
ABBREVIATIONS = frozenset(
    re.findall(
        r"\w+",
        """addr avail btn calc cb cfg cmd cnt conf conn ctx cur curr db desc dict elem err evt exc fn fmt func idx impl
        lst mgr misc msg num obj opts param params pg pkg pos prev qty ref repo req res resp ret rsv sess srv str svc
        tbl tkt tmp tz usr util utils val vals""",
    )
)
NAMES_FROM_ELSEWHERE = frozenset({"num_shards", "num_of_shards_per_tt", "payment_ref", "tmp_path", "tmp_path_factory"})
"""The seed's own columns, and fixtures that pytest names."""

_COMMENT_WITH_EXEMPTION = re.compile(r"#\s*(noqa|type:\s*ignore|pragma:|ruff:|mypy:|fmt:\s*off|isort:|pyright:)", re.I)
_NOQA_WITH_REASON = re.compile(r"#\s*noqa:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*\s+-\s+\w.{5,}")
_IGNORE_WITH_REASON = re.compile(r"#\s*type:\s*ignore\[[a-z, -]+\]\s+#\s+\w.{5,}")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def long_file(text: str) -> list[str]:
    """Find a file of more than FILE_LINES_MAX lines."""
    count = len(text.splitlines())
    return [f"{count} lines, at most {FILE_LINES_MAX}"] if count > FILE_LINES_MAX else []


def long_functions(text: str) -> list[str]:
    """Find functions of more than FUNCTION_LINES_MAX lines, from `def` to the last line, docstring included."""
    return [
        f"line {node.lineno}: {node.name} has {lines} lines, at most {FUNCTION_LINES_MAX}"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, _FUNCTIONS) and (lines := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES_MAX
    ]


def abbreviations(text: str) -> list[str]:
    """Find names that this file gives and that hold an abbreviation; names given by libraries are theirs."""
    found = {(line, name) for line, name in _given_names(ast.parse(text)) if has_abbreviation(name)}
    return [f"line {line}: {name}" for line, name in sorted(found)]


def has_abbreviation(name: str) -> bool:
    """Tell whether one of a name's words is on the list; MaxConn and max_conn have the same words."""
    if name in NAMES_FROM_ELSEWHERE or (name.startswith("__") and name.endswith("__")):
        return False
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_")
    return not ABBREVIATIONS.isdisjoint(words)


def _given_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield node.lineno, name
            case ast.alias(asname=str(name)):
                yield node.lineno, name


def sleeps(text: str) -> list[str]:
    """Find calls of any `sleep`, and Postgres's own in a string: a test waits on a signal."""
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call) and _pauses(node)]
    strings = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant) and _asks_to_sleep(node)]
    return [f"line {node.lineno}: sleeps" for node in (*calls, *strings)]


def _pauses(node: ast.Call) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="sleep") | ast.Name(id="sleep")):
            return True
    return False


def _asks_to_sleep(node: ast.Constant) -> bool:
    return isinstance(node.value, str) and re.search(r"pg_slee[p](_for|_until)?\s*\(", node.value) is not None


def patches(text: str) -> list[str]:
    """Find internals replaced behind the code's back: unittest.mock, pytest-mock, monkeypatch of attributes."""
    return [
        f"line {node.lineno}: {what}"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.stmt, ast.expr, ast.arg)) and (what := _patching(node))
    ]


def _patching(node: ast.stmt | ast.expr | ast.arg) -> str:
    match node:
        case ast.ImportFrom(module="unittest.mock" | "mock"):
            return "imports mock"
        case ast.ImportFrom(module="unittest", names=names) if any(name.name == "mock" for name in names):
            return "imports mock"
        case ast.Import(names=names) if any(name.name in {"unittest.mock", "mock"} for name in names):
            return "imports mock"
        case ast.arg(arg="mocker"):
            return "takes mocker"
        case ast.Call(func=ast.Attribute(value=ast.Name(id="monkeypatch"), attr="setattr" | "delattr")):
            return "patches an attribute"
    return ""


def unexplained_exemptions(text: str) -> list[str]:
    """Find exemptions from a check that do not name the rule and the reason beside it, or cover a whole file."""
    comments = (token for token in tokenize.generate_tokens(io.StringIO(text).readline) if _is_exemption(token))
    return [
        f"line {comment.start[0]}: {comment.string}"
        for comment in comments
        if not _NOQA_WITH_REASON.match(comment.string) and not _IGNORE_WITH_REASON.match(comment.string)
    ]


def _is_exemption(token: tokenize.TokenInfo) -> bool:
    return token.type == tokenize.COMMENT and _COMMENT_WITH_EXEMPTION.match(token.string) is not None
