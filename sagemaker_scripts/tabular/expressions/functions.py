"""The functions of expressions: the kinds of their arguments and of their results."""

from dataclasses import dataclass

from tabular.expressions.nodes import Kind


@dataclass(frozen=True)
class Function:
    """A function whose result is a number."""

    arguments: tuple[Kind, ...]
    """The kind of each argument."""
    least: int
    """The minimum number of arguments."""

    @property
    def most(self) -> int:
        """The maximum number of arguments."""
        return len(self.arguments)


def _of(kind: Kind, least: int = 1, most: int | None = None) -> Function:
    return Function((kind,) * (most or least), least)


FUNCTIONS: dict[str, Function] = {
    "abs": _of("number"),
    "floor": _of("number"),
    "log": _of("number"),
    "log1p": _of("number"),
    "sqrt": _of("number"),
    "round": _of("number", 1, 2),
    "min": _of("number", 2, 10),
    "max": _of("number", 2, 10),
    "clip": _of("number", 3),
    "ratio": _of("number", 2, 3),
    "length": _of("text"),
    "year": _of("date"),
    "month": _of("date"),
    "day": _of("date"),
    "day_of_week": _of("date"),
    "hour": _of("date"),
    "days_between": _of("date", 2),
}
