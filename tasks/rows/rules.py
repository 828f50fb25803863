"""The rules that a row can fail, numbered: malformed rows, unread cells, expectations, and the rules of `quality`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from config.errors import ConfigError
from config.thresholds import Severity
from config.use_case import UseCase
from tabular.columns import Column
from tasks.rows.suites import NOT_NULL, Expectation, columns_of, forbids_repeats, is_generated

MALFORMED_ROW = "malformed row"
"""The kind of rule of a malformed row, and the first words of its reason. Others begin with the name of a column."""
UNREAD_CELL, EXPECTATION, REPEAT, ROW_RULE, REFERENCE = (
    "unread cell", "expectation", "repeated values", "row rule", "reference",
)  # fmt: skip
DUPLICATE = "duplicate"
COLUMNS = ("column", "column_A", "column_B", "column_list")


@dataclass(frozen=True)
class Rule:
    """A rule on rows."""

    number: int
    kind: str
    columns: tuple[str, ...]
    expected: str
    severity: Severity = "quarantine"
    checked: str = ""
    """The rule in a report, where it differs from what the reasons expect."""
    excused: bool = False
    """Whether a row that fails only such rules lacks its target, and is not bad."""

    @property
    def label(self) -> str:
        """The columns, as reasons begin."""
        return MALFORMED_ROW if self.kind == MALFORMED_ROW else ", ".join(self.columns) or "row"

    @property
    def title(self) -> str:
        """The rule, as reports show it."""
        return MALFORMED_ROW if self.kind == MALFORMED_ROW else f"{self.label}: {self.checked or self.expected}"

    @property
    def blocks(self) -> bool:
        """Whether a row that fails is bad."""
        return self.severity != "warn" and not self.excused


@dataclass
class Rules:
    """The rules of one run, by number. Reasons are in the order of the numbers."""

    use_case: UseCase
    known: Mapping[str, Column]
    all: list[Rule] = field(default_factory=list)

    def add(self, kind: str, columns: tuple[str, ...], expected: str, **others: Any) -> Rule:
        """Add a rule and return it."""
        rule = Rule(len(self.all), kind, columns, expected, **others)
        self.all.append(rule)
        return rule

    def of_expectation(self, expectation: Expectation) -> Rule:
        """Add the rule of an expectation on rows."""
        names = tuple(columns_of(expectation))
        severity = severity_of(expectation, "quarantine")
        if forbids_repeats(expectation):
            return self.add(REPEAT, names, "unique values", severity=severity)
        excused = expectation["type"] == NOT_NULL and names[0] in excused_columns(self.use_case, self.known)
        checked = "not missing" if expectation["type"] == NOT_NULL else ""
        expected = self._expected(expectation, names)
        return self.add(EXPECTATION, names, expected, severity=severity, checked=checked, excused=excused)

    def _expected(self, expectation: Expectation, names: tuple[str, ...]) -> str:
        if is_generated(expectation):
            return self.known[names[0]].expected
        return described(expectation)


def described(expectation: Expectation) -> str:
    """Return what a person's expectation expects: its description, or the words of its type with its arguments."""
    if text := expectation.get("description"):
        return str(text)
    words = expectation["type"].removeprefix("expect_").removeprefix("column_").replace("_", " ")
    own = {name: value for name, value in expectation["kwargs"].items() if name not in COLUMNS and value is not None}
    arguments = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in own.items())
    return f"{words} ({arguments})" if arguments else words


def severity_of(expectation: Expectation, default: Severity) -> Severity:
    """Return the severity of an expectation. Raises ConfigError for an unknown one."""
    found = expectation.get("meta", {}).get("severity", default)
    known: tuple[Severity, ...] = ("warn", "quarantine", "stop") if default == "quarantine" else ("warn", "stop")
    for severity in known:
        if found == severity:
            return severity
    raise ConfigError(
        f"suite: {expectation['type']}: meta.severity: expected one of {', '.join(known)}, found {found!r}"
    )


def excused_columns(use_case: UseCase, known: Mapping[str, Column]) -> set[str]:
    """Return the columns whose missing value means only that the row has no target.

    Nullable columns of a rule are not among them: the rule handles their missing values.
    """
    return {name for name in use_case.target_sources if not known[name].nullable}
