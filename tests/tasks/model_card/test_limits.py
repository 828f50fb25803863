"""The limits of use are sentences about facts."""

from typing import Any

from tasks.model_card.limits import limits_of_use
from tests.references import a_split
from tests.tasks.model_card.cards import a_validated, facts
from tests.use_cases import small_use_case

GROUPS = [
    {"group": "here", "rows": 90, "judged": True, "rates": {}},
    {"group": "there", "rows": 12, "judged": False, "rates": {}},
]
EVIDENCE: dict[str, Any] = {
    "points": {"classes": ["no", "yes"], "confusion": [[80, 12], [20, 8]]},
    "fairness": {"columns": {"origin": {"groups": GROUPS, "between": {}}}},
}


def text(evidence: Any = EVIDENCE, **changes: Any) -> str:
    return "\n".join(limits_of_use(facts(**changes), evidence))


def test_the_limits_name_the_rows_the_interval_and_the_kind_of_the_split() -> None:
    found = text()
    assert "It was trained on 360 rows of rows.csv, and says nothing about rows of another origin." in found
    assert "120 held-out rows; roc_auc is between 0.7251 and 0.8896 at 95%" in found
    assert "nothing is known about later rows" in found


def test_the_level_of_the_interval_is_not_rounded() -> None:
    gates = [{"metric": "roc_auc", "at_least": 0.6}]
    rules = {"primary": "roc_auc", "gates": gates, "intervals": {"level": 0.975}}
    assert "between 0.7251 and 0.8896 at 97.5%" in text(case=small_use_case(evaluation=rules))


def test_a_class_and_a_group_with_too_few_rows_are_named() -> None:
    found = text()
    assert "Class yes has 28 held-out rows" in found
    assert "Class no" not in found
    assert "Groups of origin with too few held-out rows to be judged: there (12)." in found
    assert "here (90)" not in found


def test_sensitive_columns_that_are_not_compared_are_named() -> None:
    assert "Not compared between groups: origin." in text({})
    assert "Not compared" not in text()
    assert "Sensitive columns are no features: origin." in text({})


def test_only_large_shares_of_missing_and_unused_rows_are_limits() -> None:
    found = text(missing={"age": 0.31, "colour": 0.01}, validated=a_validated(quarantined=200))
    assert "Training rows without a value: age 31%." in found
    assert "200 of 800 rows (25.0%) do not fit the schema" in found
    assert "in quarantine" not in text()


def test_columns_without_information_and_those_known_afterwards_are_named() -> None:
    case = small_use_case(known_only_afterwards=["height"])
    found = text(case=case, split=a_split(unused_features={"colour": "constant"}))
    assert "Trained without colour (constant)" in found
    assert "It is for predictions before these are known: height." in found
