"""The order of texts in comparisons: the rank of an ordered category, or, in splits only, the order of code points."""

import re

from tabular.expressions.nodes import ColumnValue, Constant, ExpressionError, Node, Operation

_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")
_DATE = re.compile(r"[0-9]{1,2}([-/. ])([0-9]{1,2}|[A-Za-z]{3,9})\1[0-9]{2,4}\b.*", re.DOTALL)


def ranks(left: Node, right: Node) -> tuple[Node, Node] | None:
    """Return the ranks of two texts if one is an ordered category, else None.

    Raises ExpressionError when the other one is neither a constant nor a column with the same categories.
    """
    column = next((each for each in (left, right) if isinstance(each, ColumnValue) and each.ordered), None)
    if column is None or column.categories is None:
        return None
    categories = column.categories
    for other in (left, right):
        if isinstance(other, ColumnValue) and (other.categories != categories or not other.ordered):
            raise ExpressionError(f"the same ordered categories as those of {column.name}", f"the column {other.name}")
    return _rank(left, categories), _rank(right, categories)


def _rank(node: Node, categories: tuple[str, ...]) -> Node:
    if isinstance(node, Constant):
        return Constant(categories.index(str(node.value)), "number")
    return Operation("rank", (node, *(Constant(name, "text") for name in categories)), "number")


def require_plain_order(*operands: Node) -> None:
    """Raise ExpressionError for a constant whose order differs from that of its code points: a date or a number."""
    for operand in operands:
        text = str(operand.value).strip() if isinstance(operand, Constant) else ""
        if _DATE.fullmatch(text):
            expected = "a date from a column of `type: date`, with its format (as texts, days sort before years)"
            raise ExpressionError(expected, repr(text))
        if _NUMBER.fullmatch(text):
            expected = 'a number from a column of `type: integer` or `number` (as texts, "10" sorts before "9")'
            raise ExpressionError(expected, repr(text))
