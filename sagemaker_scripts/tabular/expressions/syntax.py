"""Converts Python's syntax tree of an expression to nodes, and refuses all other syntax."""

import ast
import re
import sys
import warnings
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from tabular.expressions.functions import FUNCTIONS
from tabular.expressions.nodes import KINDS, ColumnValue, Constant, ExpressionError, Field, Kind, Node, Operation
from tabular.expressions.spelling import require_plain, shortened, spelling_hint
from tabular.expressions.text_order import ranks, require_plain_order
from tabular.suggestions import did_you_mean

CONSTANTS = {"true": True, "false": False}
NULL = "null"
MAX_LENGTH, MAX_DEPTH, MAX_PARTS, MAX_LIST = 1000, 20, 200, 100
"""Limits of characters, levels of nesting, parts of the syntax tree, and constants in one list."""
MAX_NODES, MAX_LEVELS = 1000, 100
"""The limits of an expression together with the derived columns that it names: parts, and levels of nesting."""
MAX_INTEGER, MAX_NUMBER, MAX_EXPONENT, MAX_DIGITS = 2**63 - 1, sys.float_info.max, 10, 15

_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
}  # fmt: skip
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_NULL_TESTS: dict[type[ast.cmpop], str] = {ast.Is: "is null", ast.IsNot: "is not null"}
_MEMBERSHIP: dict[type[ast.cmpop], str] = {ast.In: "in", ast.NotIn: "not in"}
_HINTS: dict[type[ast.AST], str] = {
    ast.BitAnd: "write `and`", ast.BitOr: "write `or`", ast.Invert: "write `not`",
}  # fmt: skip

_ISO = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{6})?)?)?")


def tree_of(text: str, names: Collection[str]) -> ast.expr:
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"an expression of at most {MAX_LENGTH:,} characters", f"{len(text):,}")
    line = " ".join(text.split("\n")).strip()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Python only warns about an invalid escape sequence
            tree = ast.parse(line, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        where = f" (at character {error.offset})" if isinstance(error, SyntaxError) and error.offset else ""
        raise ExpressionError(
            "an expression such as `hours > 10`", f"{shortened(text)}{where}{spelling_hint(text, names)}"
        ) from error
    require_plain(text)
    if (parts := sum(isinstance(node, ast.expr) for node in ast.walk(tree))) > MAX_PARTS:
        raise ExpressionError(f"an expression of at most {MAX_PARTS} parts", f"{parts}")
    return tree


class Translator:
    """Converts Python's syntax tree of an expression to nodes, with a method for each kind of node."""

    def __init__(self, text: str, fields: Mapping[str, Field], text_order: bool = False) -> None:
        self._text = " ".join(text.split("\n")).strip()
        self._fields, self._text_order = fields, text_order
        self._translators: dict[type[ast.expr], Callable[[Any, int], Node]] = {
            ast.BinOp: self._arithmetic,
            ast.BoolOp: self._logic,
            ast.Call: self._function,
            ast.Compare: self._compare,
            ast.Constant: self._constant,
            ast.Name: self._name,
            ast.UnaryOp: self._sign_or_not,
        }

    def node(self, tree: ast.expr, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise ExpressionError(f"at most {MAX_DEPTH} levels of nesting", "more")
        translate = self._translators.get(type(tree))
        if translate is None:
            raise ExpressionError("comparisons, arithmetic, and, or, not, in, is null", self._found(tree))
        return translate(tree, depth + 1)

    def _found(self, tree: ast.AST) -> str:
        source = ast.get_source_segment(self._text, tree) if isinstance(tree, ast.expr) else None
        return shortened(source or self._text)

    def _of_kind(self, tree: ast.expr, kind: Kind, depth: int, user: str) -> Node:
        operand = self.node(tree, depth)
        if operand.kind != kind:
            raise ExpressionError(
                f"{KINDS[kind]} for `{user}`", f"{KINDS[operand.kind]}: {self._found(tree)}{_hint(operand)}"
            )
        return operand

    def _constant(self, tree: ast.Constant, depth: int) -> Node:
        value = tree.value
        if isinstance(value, str):
            return Constant(value, "text")
        if isinstance(value, bool) or value is None:
            plain = NULL if value is None else str(value).lower()
            raise ExpressionError(f"`{plain}`, in lower case", self._found(tree))
        if isinstance(value, int | float) and abs(value) <= (MAX_INTEGER if isinstance(value, int) else MAX_NUMBER):
            return Constant(value, "number")
        raise ExpressionError("a text or a finite number of at most 64 bits", self._found(tree))

    def _name(self, tree: ast.Name, depth: int) -> Node:
        name = tree.id
        if name in CONSTANTS:
            return Constant(CONSTANTS[name], "boolean")
        if name == NULL:
            raise ExpressionError("`is null` or `is not null`", self._found(tree))
        if (field := self._fields.get(name)) is None:
            raise ExpressionError("a column of the schema", f"{name!r}{did_you_mean(name, self._fields)}")
        return field.node or ColumnValue(name, field.kind, field.categories, field.ordered)

    def _sign_or_not(self, tree: ast.UnaryOp, depth: int) -> Node:
        if isinstance(tree.op, ast.Not):
            return Operation("not", (self._of_kind(tree.operand, "boolean", depth, "not"),), "boolean")
        if isinstance(tree.op, ast.Invert):
            raise self._unknown_operator(tree, tree.op)
        operand = self._of_kind(tree.operand, "number", depth, "-")
        if isinstance(tree.op, ast.UAdd):
            return operand
        if isinstance(operand, Constant) and not isinstance(operand.value, str):
            return Constant(-operand.value, "number")
        return Operation("negate", (operand,), "number")

    def _arithmetic(self, tree: ast.BinOp, depth: int) -> Node:
        name = _ARITHMETIC.get(type(tree.op))
        if name is None:
            raise self._unknown_operator(tree, tree.op)
        left, right = (self._of_kind(side, "number", depth, name) for side in (tree.left, tree.right))
        if name == "**":
            self._require_constant(right, tree.right, -MAX_EXPONENT, MAX_EXPONENT)
        return Operation(name, (left, right), "number")

    def _unknown_operator(self, tree: ast.expr, operator: ast.AST) -> ExpressionError:
        expected = "one of + - * / // % ** and or not"
        hint = f" ({_HINTS[type(operator)]})" if type(operator) in _HINTS else ""
        return ExpressionError(expected, f"{self._found(tree)}{hint}")

    def _require_constant(self, node: Node, tree: ast.expr, least: int, most: int, *, whole: bool = False) -> None:
        if not isinstance(node, Constant) or not least <= float(node.value) <= most:
            raise ExpressionError(f"a constant from {least} to {most}", self._found(tree))
        if whole and not isinstance(node.value, int):
            raise ExpressionError(f"a whole number from {least} to {most}", self._found(tree))

    def _logic(self, tree: ast.BoolOp, depth: int) -> Node:
        name = "and" if isinstance(tree.op, ast.And) else "or"
        return Operation(name, tuple(self._of_kind(each, "boolean", depth, name) for each in tree.values), "boolean")

    def _function(self, tree: ast.Call, depth: int) -> Node:
        name = tree.func.id if isinstance(tree.func, ast.Name) else ""
        if name not in FUNCTIONS:
            hint = did_you_mean(name, FUNCTIONS) if name else ""
            raise ExpressionError(f"one of the functions {', '.join(FUNCTIONS)}", f"{self._found(tree)}{hint}")
        function = FUNCTIONS[name]
        if tree.keywords or not function.least <= len(tree.args) <= function.most:
            count = str(function.least) if function.least == function.most else f"{function.least} to {function.most}"
            raise ExpressionError(f"{count} arguments of `{name}`", self._found(tree))
        kinds = zip(tree.args, function.arguments, strict=False)
        arguments = tuple(self._argument(each, kind, depth, name) for each, kind in kinds)
        if name == "round" and len(arguments) > 1:
            self._require_constant(arguments[1], tree.args[1], 0, MAX_DIGITS, whole=True)
        if name == "clip":
            self._require_limits(tree, *arguments[1:])
        return Operation(name, arguments, "number")

    def _argument(self, tree: ast.expr, kind: Kind, depth: int, name: str) -> Node:
        if kind == "date" and isinstance(tree, ast.Constant) and isinstance(tree.value, str):
            return _date(tree.value)
        return self._of_kind(tree, kind, depth, name)

    def _require_limits(self, tree: ast.Call, low: Node, high: Node) -> None:
        if isinstance(low, Constant) and isinstance(high, Constant) and float(low.value) > float(high.value):
            raise ExpressionError("`clip(x, low, high)` with low at or below high", self._found(tree))

    def _compare(self, tree: ast.Compare, depth: int) -> Node:
        operators = [type(operator) for operator in tree.ops]
        if len(operators) == 1 and operators[0] in _NULL_TESTS:
            return self._null_test(tree, _NULL_TESTS[operators[0]], depth)
        if len(operators) == 1 and operators[0] in _MEMBERSHIP:
            return self._membership(tree, _MEMBERSHIP[operators[0]], depth)
        if any(operator not in _COMPARISONS for operator in operators):
            raise ExpressionError("parentheses around `in` and `is null`", self._found(tree))
        operands = [self.node(each, depth) for each in (tree.left, *tree.comparators)]
        pairs = tuple(
            self._comparison(_COMPARISONS[operator], tree, left, right)
            for operator, left, right in zip(operators, operands, operands[1:], strict=False)
        )
        return pairs[0] if len(pairs) == 1 else Operation("and", pairs, "boolean")

    def _comparison(self, name: str, tree: ast.Compare, left: Node, right: Node) -> Operation:
        left, right = _dated(left, right), _dated(right, left)
        if left.kind != right.kind:
            expected = "two dates" if "date" in (left.kind, right.kind) else "two numbers or two texts"
            raise ExpressionError(
                f"{expected} for `{name}`",
                f"{KINDS[left.kind]} and {KINDS[right.kind]}: {self._found(tree)}{_hint(left, right)}",
            )
        if left.kind == "boolean":
            raise ExpressionError(f"two numbers or two texts for `{name}` (use and, or, not)", self._found(tree))
        _require_categories(left, right)
        if left.kind == "text" and name not in ("==", "!="):
            left, right = self._in_order(name, tree, left, right)
        return Operation(name, (left, right), "boolean")

    def _in_order(self, name: str, tree: ast.Compare, left: Node, right: Node) -> tuple[Node, Node]:
        """Return two texts as operands of `<`: the ranks of an ordered category, or the texts where that is allowed."""
        if ranked := ranks(left, right):
            return ranked
        if not self._text_order:
            hint = " (a category has an order with `ordered: true`)" if _hint(left, right) else ""
            raise ExpressionError(f"two numbers for `{name}`", f"two texts: {self._found(tree)}{hint}")
        require_plain_order(left, right)
        return left, right

    def _null_test(self, tree: ast.Compare, name: str, depth: int) -> Node:
        (right,) = tree.comparators
        if not isinstance(right, ast.Name) or right.id != NULL:
            raise ExpressionError(f"`{name}`", self._found(tree))
        return Operation(name, (self.node(tree.left, depth),), "boolean")

    def _membership(self, tree: ast.Compare, name: str, depth: int) -> Node:
        (right,) = tree.comparators
        if not isinstance(right, ast.List | ast.Tuple) or not 0 < len(right.elts) <= MAX_LIST:
            raise ExpressionError(f"a list of 1 to {MAX_LIST} constants after `{name}`", self._found(right))
        left = self.node(tree.left, depth)
        members = []
        for source in right.elts:
            if not isinstance(member := self.node(source, depth), Constant):
                raise ExpressionError(f"constants after `{name}`", self._found(source))
            members.append(self._comparison("==", tree, left, member).operands[1])
        return Operation(name, (left, *members), "boolean")


def _dated(node: Node, other: Node) -> Node:
    """Return a text constant as a date if it is compared with a date."""
    if other.kind != "date" or not isinstance(node, Constant) or not isinstance(node.value, str):
        return node
    return _date(node.value)


def _date(text: str) -> Constant:
    try:
        if not _ISO.fullmatch(text):
            raise ValueError
        return Constant(datetime.fromisoformat(text).isoformat(), "date")
    except ValueError:
        expected = 'a date such as "2026-01-31" or "2026-01-31 12:00:00"'
        raise ExpressionError(expected, shortened(text)) from None


def _hint(*operands: Node) -> str:
    """Return a hint for categories whose values look like numbers."""
    categories = next((each.categories for each in operands if isinstance(each, ColumnValue) and each.categories), None)
    return f' (its values are texts: write "{categories[0]}")' if categories else ""


def _require_categories(left: Node, right: Node) -> None:
    for column, constant in ((left, right), (right, left)):
        if not isinstance(column, ColumnValue) or column.categories is None or not isinstance(constant, Constant):
            continue
        if constant.value not in column.categories:
            known = ", ".join(map(repr, column.categories[:MAX_LIST]))
            near = did_you_mean(constant.value, column.categories)
            raise ExpressionError(f"a category of {column.name}, one of {known}", f"{constant.value!r}{near}")
