"""What Citus refuses, or does in more than one step, found in a statement before any Citus sees it: pure functions.

PostgreSQL's own parser takes a statement apart (pglast). A table is held by a part of a statement where that part says
that its event_id is the parameter, or that of a table that is held. docs/citus.md tells where each rule comes from.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from enum import Enum

from pglast import ast, parse_sql
from pglast.enums import A_Expr_Kind, BoolExprType
from pglast.visitors import Skip, Visitor

from boxoffice.distribution import DISTRIBUTED_TABLES, REFERENCE_TABLES


class Rule(Enum):
    """What a statement must not do."""

    ONE_EVENT = "a table is read or written without its event"
    ONE_PARAMETER = "events are named by more than one parameter"
    LOCKS_OF_ONE_EVENT = "rows of several events are locked"
    WRITES_OF_ONE_EVENT = "rows of several events are written"
    INSERT_WITHIN = "a part of the statement inserts"
    PARTS_OF_INSERT = "an insert has parts that are named by WITH"
    INSERT_FROM_A_TABLE = "what is inserted is selected from no distributed table"
    EVENT_OF_INSERT = "the event of what is inserted is not that of the table it is selected from"
    SUBQUERY_OF_INSERT = "an insert of values has a subquery"
    VOLATILE = "a write calls a volatile function"
    VOLATILE_RETURNED = "a function that is not immutable is called in RETURNING"
    ROWS_RETURNED = "rows are returned as one value"
    REFERENCE_LOCKED = "rows of a table that is the same on all nodes are locked or written"
    EVENT_CHANGED = "the event of a row is changed"
    PER_NODE = "a lock or a message holds for one node only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Functions:
    """Names of functions by what PostgreSQL says of them; a name that is both counts as the worse."""

    volatile: Set[str]
    stable: Set[str]


@dataclass(slots=True)
class _Level:
    """One query with its own FROM: tables by alias, and what its conditions say of their events."""

    parts: Set[str]
    outer: "_Level | None" = None
    tables: dict[str, str] = field(default_factory=dict)
    equal: list[tuple[ast.Node, ast.Node]] = field(default_factory=list)
    held: dict[str, int] = field(default_factory=dict)

    def holds(self, node: ast.Node) -> int | None:
        """Return the number of the parameter by which this expression is the event, None when it is not."""
        if isinstance(node, ast.ParamRef):
            return node.number or 0
        found = self.column(node)
        if found is None:
            return None
        alias, column = found
        level: _Level | None = self
        while level is not None and alias not in level.tables:
            level = level.outer
        if level is None or DISTRIBUTED_TABLES.get(level.tables[alias]) != column:
            return None
        return level.held.get(alias)

    def column(self, node: ast.Node) -> tuple[str, str] | None:
        """Return alias and name of a column; without an alias it is the only table's."""
        if not isinstance(node, ast.ColumnRef):
            return None
        names = [part.sval for part in node.fields if isinstance(part, ast.String)]
        if len(names) == 1 and len(self.tables) == 1:
            names.insert(0, next(iter(self.tables)))
        return (names[0], names[1]) if len(names) == 2 else None

    def hold(self) -> None:
        """Work out which tables are held, by one condition after the other until nothing is added."""
        sides = [pair for one, other in self.equal for pair in ((one, other), (other, one))]
        while True:
            before = len(self.held)
            for one, other in sides:
                found, number = self.column(one), self.holds(other)
                if found is None or number is None or found[0] not in self.tables:
                    continue
                if DISTRIBUTED_TABLES.get(self.tables[found[0]]) == found[1]:
                    self.held.setdefault(found[0], number)
            if len(self.held) == before:
                return


def refusals(sql: str, functions: Functions, *, over_all_events: bool = False) -> list[Rule]:
    """Return the rules that a statement breaks, in the order of Rule.

    `over_all_events` is for the few looks that may read the tables of all events, and do no more than that.
    """
    linter = _Linter(functions)
    for parsed in parse_sql(sql):
        linter.query(parsed.stmt, frozenset(), None, top=True)
    found = set(linter.found)
    if len(linter.parameters) > 1:
        found.add(Rule.ONE_PARAMETER)
    if over_all_events:
        found.discard(Rule.ONE_EVENT)
    return [rule for rule in Rule if rule in found]


class _Linter:
    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        self.found: list[Rule] = []
        self.parameters: set[int] = set()

    def query(self, node: ast.Node, parts: Set[str], outer: _Level | None, *, top: bool = False) -> None:
        """Look at one query, and at those within it."""
        self._look_for_what_is_per_node(node) if top else None
        with_clause = getattr(node, "withClause", None)
        for part in with_clause.ctes if with_clause else ():
            if isinstance(part.ctequery, ast.InsertStmt):
                self.found.append(Rule.INSERT_WITHIN)
            self.query(part.ctequery, parts, outer)
            parts = parts | {part.ctename}
        if isinstance(node, ast.SelectStmt) and node.larg:
            self.query(node.larg, parts, outer)
            self.query(node.rarg, parts, outer)
        elif isinstance(node, ast.InsertStmt):
            self._insert(node, parts)
        elif isinstance(node, (ast.SelectStmt, ast.UpdateStmt, ast.DeleteStmt)):
            self._one(node, parts, outer, top=top)

    def _one(
        self,
        node: ast.SelectStmt | ast.UpdateStmt | ast.DeleteStmt,
        parts: Set[str],
        outer: _Level | None,
        *,
        top: bool,
    ) -> _Level:
        level, within = _Level(parts, outer), []
        sources = getattr(node, "usingClause", None) if isinstance(node, ast.DeleteStmt) else node.fromClause
        writes = not isinstance(node, ast.SelectStmt)
        for source in (*((node.relation,) if writes else ()), *(sources or ())):
            within += _take_in(level, source)
        level.equal += _equalities(node.whereClause)
        level.hold()
        self.parameters |= set(level.held.values())
        loose = [alias for alias in level.tables if _is_loose(level, alias)]
        self.found += [Rule.ONE_EVENT] if loose else []
        if writes:
            self._write(node, level)
        elif node.lockingClause:
            self.found += [Rule.LOCKS_OF_ONE_EVENT] if loose else []
            self.found += [Rule.REFERENCE_LOCKED] if set(level.tables.values()) & set(REFERENCE_TABLES) else []
        if top and isinstance(node, ast.SelectStmt) and any(map(_is_row, node.targetList or ())):
            self.found.append(Rule.ROWS_RETURNED)
        for select in (*within, *_subqueries(node)):
            self.query(select, parts, level)
        return level

    def _write(self, node: ast.UpdateStmt | ast.DeleteStmt, level: _Level) -> None:
        table = node.relation.relname
        alias = node.relation.alias.aliasname if node.relation.alias else table
        if table in REFERENCE_TABLES:
            self.found.append(Rule.REFERENCE_LOCKED)
        if alias in level.tables and _is_loose(level, alias):
            self.found.append(Rule.WRITES_OF_ONE_EVENT)
        changed = getattr(node, "targetList", None) or ()
        if any(one.name == DISTRIBUTED_TABLES.get(table) for one in changed):
            self.found.append(Rule.EVENT_CHANGED)
        if _called(changed, node.whereClause) & self._functions.volatile:
            self.found.append(Rule.VOLATILE)
        self._returned(node)

    def _insert(self, node: ast.InsertStmt, parts: Set[str]) -> None:
        table, select = node.relation.relname, node.selectStmt
        self.found += [Rule.REFERENCE_LOCKED] if table in REFERENCE_TABLES else []
        self.found += [Rule.PARTS_OF_INSERT] if node.withClause or select.withClause else []
        self._returned(node)
        if select.valuesLists:
            self.found += [Rule.SUBQUERY_OF_INSERT] if list(_subqueries(select)) else []
            return
        if _called(select) & self._functions.volatile:
            self.found.append(Rule.VOLATILE)
        level = self._one(select, parts, None, top=False)
        if not any(name in DISTRIBUTED_TABLES for name in level.tables.values()):
            self.found.append(Rule.INSERT_FROM_A_TABLE)
        names = [column.name for column in node.cols or ()]
        place = names.index(DISTRIBUTED_TABLES[table]) if DISTRIBUTED_TABLES.get(table) in names else 0
        value = select.targetList[place].val
        if isinstance(value, ast.ParamRef) or level.holds(value) is None:
            self.found.append(Rule.EVENT_OF_INSERT)

    def _returned(self, node: ast.Node) -> None:
        clause = getattr(node, "returningClause", None)
        if _called(clause.exprs if clause else ()) & (self._functions.volatile | self._functions.stable):
            self.found.append(Rule.VOLATILE_RETURNED)

    def _look_for_what_is_per_node(self, node: ast.Node) -> None:
        locks = any(name.startswith(("pg_advisory", "pg_try_advisory", "pg_notify")) for name in _called(node))
        if locks or isinstance(node, (ast.NotifyStmt, ast.ListenStmt, ast.UnlistenStmt)):
            self.found.append(Rule.PER_NODE)


def _is_loose(level: _Level, alias: str) -> bool:
    return level.tables[alias] in DISTRIBUTED_TABLES and alias not in level.held


def _take_in(level: _Level, source: ast.Node) -> list[ast.SelectStmt]:
    """Take a part of a FROM into a level; return the queries that it holds."""
    match source:
        case ast.RangeVar() if source.relname not in level.parts:
            level.tables[source.alias.aliasname if source.alias else source.relname] = source.relname
        case ast.JoinExpr():
            within = _take_in(level, source.larg) + _take_in(level, source.rarg)
            level.equal += _equalities(source.quals)
            return within
        case ast.RangeSubselect():
            return [source.subquery]
    return []


def _equalities(condition: ast.Node | None) -> Iterator[tuple[ast.Node, ast.Node]]:
    """Yield both sides of each equality that must hold for the condition to hold."""
    match condition:
        case ast.BoolExpr() if condition.boolop == BoolExprType.AND_EXPR:
            for part in condition.args:
                yield from _equalities(part)
        case ast.A_Expr() if condition.kind == A_Expr_Kind.AEXPR_OP and condition.name[-1].sval == "=":
            yield _bare(condition.lexpr), _bare(condition.rexpr)


def _bare(node: ast.Node) -> ast.Node:
    return _bare(node.arg) if isinstance(node, ast.TypeCast) else node


def _is_row(target: ast.ResTarget) -> bool:
    """Tell whether what is selected is a row or an array of rows, also where a subquery makes it."""
    value = target.val
    if isinstance(value, ast.SubLink) and value.subselect.targetList:
        return any(map(_is_row, value.subselect.targetList))
    return isinstance(value, ast.RowExpr) or (
        isinstance(value, ast.FuncCall) and any(isinstance(argument, ast.RowExpr) for argument in value.args or ())
    )


class _Calls(Visitor):
    """Finds the functions that are called, however deep."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit(self, _: object, node: ast.Node) -> None:
        if isinstance(node, ast.FuncCall):
            self.names.add(node.funcname[-1].sval)


class _Subqueries(Visitor):
    """Finds the subqueries that stand in expressions, but not those within them."""

    def __init__(self) -> None:
        self.found: list[ast.SelectStmt] = []

    def visit(self, _: object, node: ast.Node) -> object:
        if not isinstance(node, ast.SubLink):
            return None
        self.found.append(node.subselect)
        return Skip


def _nodes(of: Sequence[object]) -> Iterator[ast.Node]:
    for one in of:
        yield from _nodes(one) if isinstance(one, tuple | list) else (one,) if isinstance(one, ast.Node) else ()


def _called(*of: object) -> Set[str]:
    calls = _Calls()
    for node in _nodes(of):
        calls(node)
    return calls.names


def _subqueries(query: ast.Node) -> Sequence[ast.SelectStmt]:
    """Return the subqueries in the expressions of a query; those in its FROM and its parts are looked at elsewhere."""
    subqueries = _Subqueries()
    names = ("targetList", "whereClause", "havingClause", "valuesLists")
    for node in _nodes([getattr(query, name, None) for name in names]):
        subqueries(node)
    return subqueries.found
