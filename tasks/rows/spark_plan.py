"""The checks of a use case as a plan for Spark: the rules of `tasks.rows.checking`, in the same order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from config.errors import ConfigError
from config.use_case import UseCase
from tabular.expressions import parse
from tasks.model_contract import UNREAD, columns
from tasks.rows import sql_rules
from tasks.rows.checking import Checked
from tasks.rows.portable_expectations import predicate
from tasks.rows.rules import DUPLICATE, MALFORMED_ROW, ROW_RULE, UNREAD_CELL, Rules
from tasks.rows.suites import Expectation, Suite, columns_of, forbids_repeats


@dataclass
class SparkPlan:
    """What a Spark job checks, as JSON values, and the rules that its results are about."""

    checked: Checked
    predicates: dict[int, str] = field(default_factory=dict)
    """SQL that is true for a row that fails, by the number of its rule."""
    expressions: dict[int, str] = field(default_factory=dict)
    """Rules of `quality.rows`."""
    repeats: list[dict[str, Any]] = field(default_factory=list)
    """`rule`, `columns`, and `unless`: SQL that is true for a row that has another reason already."""
    duplicates: dict[str, Any] = field(default_factory=dict)
    """`action`, `columns`, `rule` if there is one, and `blocking`: the rules whose rows are not compared."""

    def described(self) -> dict[str, Any]:
        """Return the plan as JSON."""
        return {
            "predicates": list(self.predicates.items()),
            "expressions": list(self.expressions.items()),
            "repeats": self.repeats,
            "duplicates": self.duplicates,
            "blocking": self.checked.blocking,
            "excused": self.checked.excused,
            "warned": [rule.number for rule in self.checked.rules if rule.severity == "warn"],
        }


def plan(use_case: UseCase, suite: Suite) -> SparkPlan:
    """Return the plan. Raises ConfigError for a check that Spark can't run."""
    _refuse(use_case)
    rules = Rules(use_case, columns(use_case))
    found = SparkPlan(Checked(rules.all))
    found.predicates[rules.add(MALFORMED_ROW, (), "").number] = sql_rules.is_malformed()
    for name, column in rules.known.items():
        found.predicates[rules.add(UNREAD_CELL, (name,), column.expected).number] = sql_rules.is_unread(name)
    among_rows = [each for each in suite["expectations"] if forbids_repeats(each)]
    others = [each for each in suite["expectations"] if not forbids_repeats(each)]
    keeps = use_case.quality.duplicates.action == "keep"
    _expectations(found, rules, others, suite["name"])
    if keeps:
        _expectations(found, rules, among_rows, suite["name"])
    _row_rules(found, rules)
    _duplicates(found, rules)
    if not keeps:
        _expectations(found, rules, among_rows, suite["name"])
    return found


def _refuse(use_case: UseCase) -> None:
    quality = use_case.quality
    for name, value in (("references", quality.references), ("freshness", quality.freshness)):
        if value:
            raise ConfigError(
                f"{use_case.name}: quality.{name}: expected none with `engine: spark`, which can't check it yet; "
                "found one. Remove it, or use `engine: local`"
            )


def _expectations(found: SparkPlan, rules: Rules, expectations: Sequence[Expectation], suite: str) -> None:
    types = {name: column.type for name, column in rules.known.items()}
    for each in expectations:
        if forbids_repeats(each) and not each["kwargs"].keys() - {"column", "column_list"}:
            rule = rules.of_expectation(each)
            names = list(rule.columns)
            unless = sql_rules.is_unread(names[0]) if len(names) == 1 else "false"
            found.repeats.append({"rule": rule.number, "columns": names, "unless": unless})
            continue
        sql = predicate(each, types, suite)
        rule = rules.of_expectation(each)
        sound = f"NOT ({sql_rules.is_malformed()}) AND ({sql_rules.unless_unread(sql, columns_of(each))})"
        found.predicates[rule.number] = sound


def _row_rules(found: SparkPlan, rules: Rules) -> None:
    from config.consistency import fields

    for each in rules.use_case.quality.rows:
        expression = parse(each.rule, fields(rules.use_case), "boolean")
        names = tuple(name for name in rules.known if name in expression.names)
        rule = rules.add(ROW_RULE, names, each.description or each.rule, severity=each.severity)
        found.expressions[rule.number] = each.rule


def _duplicates(found: SparkPlan, rules: Rules) -> None:
    settings = rules.use_case.quality.duplicates
    own = list(rules.known)
    found.duplicates = {
        "action": settings.action,
        "columns": list(settings.columns) or [*own, UNREAD],
        "blocking": found.checked.blocking,
    }
    if settings.action == "quarantine":
        names = tuple(settings.columns)
        found.duplicates["rule"] = rules.add(DUPLICATE, names, "no repetition of an earlier row").number
