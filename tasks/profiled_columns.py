"""The columns that profiles are made of. None is sensitive."""

from collections.abc import Iterable

from config.use_case import UseCase
from tabular.columns import ColumnType
from tasks.rows.answer_columns import PREDICTION, answer_types


def profiled_features(use_case: UseCase) -> dict[str, ColumnType]:
    """Return the type of each feature that is not sensitive, by name."""
    derived = {name: each.column for name, each in use_case.derived_columns.items()}
    columns = {name: derived.get(name) or use_case.split_columns[name] for name in use_case.inputs}
    return {name: column.type for name, column in columns.items() if not column.sensitive}


def profiled_columns(use_case: UseCase, features: Iterable[str]) -> list[str]:
    """Return the stored columns that the values of these features come from."""
    return list(dict.fromkeys(source for name in features for source in use_case.sources_of(name)))


def profiled_answers(use_case: UseCase) -> dict[str, ColumnType]:
    """Return the type of each column of answers, by name; empty when the target is made of a sensitive column."""
    if any(use_case.columns[name].sensitive for name in use_case.target_sources):
        return {}
    category = bool(use_case.target.classes)
    return {name: "category" if category and name == PREDICTION else "number" for name in answer_types(use_case)}
