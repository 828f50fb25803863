"""A small expression language over the columns of a table: for target rules, derived features and quality rules.

    score >= 50 and (hours is null or 0 < hours <= 60) and school in ["north", "south"]

An expression is parsed by Python's `ast`, then translated node by node to the operations below. All other syntax is
refused: attributes, subscripts, lambdas, comprehensions, f-strings, assignments, comments, and calls of other
functions. Python never compiles or evaluates it.

| what | spelling |
|---|---|
| constants | `12`, `0.5`, `"text"`, `true`, `false` |
| arithmetic on numbers | `+`, `-`, `*`, `/`, `//`, `%`, and `**` with a constant exponent from -10 to 10 |
| comparison | `==`, `!=` of two numbers, texts or dates; `<`, `<=`, `>`, `>=` of numbers, dates; `0 < a <= 9` |
| dates | `day >= "2018-01-30"`, `at < "2018-01-30 12:00:00"`: a text in the place of a date must be ISO 8601 |
| ordered categories | `level >= "mid"`: by their ranks; a text is compared only with `==` and `!=` |
| membership | `a in [1, 2]`, `a not in ["x", "y"]` |
| missing values | `a is null`, `a is not null` |
| logic | `and`, `or`, `not` |
| functions | `abs(x)`, `floor(x)`, `round(x)`, `round(x, digits)`, `min(x, y)`, `max(x, y)`, `clip(x, low, high)` |
| logarithms, roots | `log(x)` (natural), `log1p(x)` (of 1 + x), `sqrt(x)` |
| quotients | `ratio(x, y)`: x / y, and 0 where y is 0; `ratio(x, y, other)`: `other` where y is 0 |
| texts | `length(t)`: the number of characters |
| dates | `year(d)`, `month(d)`, `day(d)`, `hour(d)`, `day_of_week(d)` (1 is Monday), `days_between(start, end)` |

Null follows SQL's three-valued logic (ISO/IEC 9075-2): an operation on null is null, `false and null` is false and
`true or null` is true. A result that is not a finite number, such as a division by zero, is null. Two integers are
compared exactly. Compared with other numbers, and in arithmetic, integers are 64-bit floating point. `%` has the sign
of its divisor, and `round` rounds half to even, as in Python. `days_between` has the fraction of a day.

A field with a node is a derived column: its expression replaces its name. With `text_order`, which only splits use,
texts are also compared by `<` and `>`, in the order of their code points: `semester >= "2014J"`. A constant that looks
like a number, or like a date that does not begin with its year, is refused there: its text has another order.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tabular.expressions.nodes import KINDS, ColumnValue, ExpressionError, Field, Kind, Node, Operation
from tabular.expressions.spelling import shortened
from tabular.expressions.syntax import MAX_LEVELS, MAX_NODES, Translator, tree_of

if TYPE_CHECKING:
    from tabular.expressions.values import Values

__all__ = ["Expression", "ExpressionError", "Field", "Kind", "names_in", "parse"]


@dataclass(frozen=True)
class Expression:
    """A checked expression."""

    text: str
    root: Node

    @property
    def kind(self) -> Kind:
        """The kind of its result."""
        return self.root.kind

    @property
    def names(self) -> frozenset[str]:
        """The columns that it reads."""
        return frozenset(_names(self.root))

    def evaluate(self, columns: Mapping[str, Any], rows: int) -> "Values":
        """Return the (rows,) results and the mask of nulls.

        `columns` has a NumPy array, an Arrow array, a pandas Series or a list of length `rows` for each of `names`.
        Null is Arrow's or pandas' null, NaN or None.
        """
        from tabular.expressions.values import evaluate  # imports NumPy, which reading YAML does not need

        return evaluate(self.root, columns, rows)


def _names(node: Node) -> Iterator[str]:
    if isinstance(node, ColumnValue):
        yield node.name
    elif isinstance(node, Operation):
        for operand in node.operands:
            yield from _names(operand)


def _measure(node: Node) -> tuple[int, int]:
    """Return the number of parts of an expression, and its levels."""
    operands = [_measure(operand) for operand in node.operands] if isinstance(node, Operation) else []
    return 1 + sum(parts for parts, _ in operands), 1 + max((levels for _, levels in operands), default=0)


def names_in(text: str) -> frozenset[str]:
    """Return the names in an expression except those of functions, without a check of what they name.

    Raises ExpressionError for other syntax.
    """
    nodes = list(ast.walk(tree_of(text, ())))
    functions = [node.func for node in nodes if isinstance(node, ast.Call)]
    return frozenset(node.id for node in nodes if isinstance(node, ast.Name) and node not in functions)


def parse(
    text: str, fields: Mapping[str, Field], result: Kind | None = None, *, text_order: bool = False
) -> Expression:
    """Check an expression over the columns `fields` and return it. Its result must be of the kind `result`.

    `text_order` allows texts to be compared by the order of their code points. Raises ExpressionError for unknown
    syntax or names, an operand of the wrong kind, a category that a column can't have, a result of another kind, and an
    expression beyond the limits above.
    """
    translator = Translator(text, fields, text_order)
    root = translator.node(tree_of(text, fields), 0)
    if result and root.kind != result:
        raise ExpressionError(f"a result that is {KINDS[result]}", f"{KINDS[root.kind]}: {shortened(text)}")
    parts, levels = _measure(root)
    if parts > MAX_NODES or levels > MAX_LEVELS:
        expected = f"at most {MAX_NODES:,} parts in {MAX_LEVELS} levels, with those of derived columns"
        raise ExpressionError(expected, f"{parts:,} in {levels}")
    return Expression(text, root)
