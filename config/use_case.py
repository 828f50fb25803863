"""A use case: one YAML file in config/use_cases/ that says what to predict, from what, and how well."""

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from config import settings
from config.documents import Document, read_document
from config.errors import ConfigError
from config.sources import Source

Task = Literal["binary", "multiclass", "regression"]
Algorithm = Literal["logistic_regression", "ridge", "random_forest", "xgboost"]
Metric = Literal["accuracy", "precision", "recall", "f1", "roc_auc", "rmse", "mae", "r2"]

ERRORS: frozenset[Metric] = frozenset({"rmse", "mae"})
"""The metrics of which less is better."""
METRICS: dict[Task, tuple[Metric, ...]] = {
    "binary": ("accuracy", "precision", "recall", "f1", "roc_auc"),
    "multiclass": ("accuracy", "precision", "recall", "f1", "roc_auc"),
    "regression": ("rmse", "mae", "r2"),
}
ALGORITHMS: dict[Task, tuple[Algorithm, ...]] = {
    "binary": ("logistic_regression", "random_forest", "xgboost"),
    "multiclass": ("logistic_regression", "random_forest", "xgboost"),
    "regression": ("ridge", "random_forest", "xgboost"),
}


class Column(Document):
    """One column: its type, what its values may be, and who may see them."""

    type: Literal["integer", "number", "category"]
    header: str | None = None
    """The column's name in the source, where that is another one."""
    description: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] | None = None
    nullable: bool = False
    sensitive: bool = False
    """A sensitive column's values never appear in a profile, a report, a page or a message."""

    @model_validator(mode="after")
    def _limits_fit_the_type(self) -> Self:
        if self.type == "category" and (self.minimum is not None or self.maximum is not None):
            raise ValueError("expected categories of a category, found a minimum or maximum")
        if self.type != "category" and self.categories is not None:
            raise ValueError(f"expected type: category where there are categories, found type: {self.type}")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"expected minimum at or below maximum, found {self.minimum:g} and {self.maximum:g}")
        return self

    @property
    def expected(self) -> str:
        """What a value of this column has to be, in words."""
        if self.categories:
            return "one of " + ", ".join(self.categories)
        words = {"integer": "a whole number", "number": "a number", "category": "a text"}[self.type]
        if self.minimum is not None and self.maximum is not None:
            return f"{words} from {self.minimum:g} to {self.maximum:g}"
        if self.minimum is not None:
            return f"{words} of at least {self.minimum:g}"
        return f"{words} of at most {self.maximum:g}" if self.maximum is not None else words


class Target(Document):
    """What is predicted: a column of the schema, or a rule over its columns."""

    column: str
    task: Task
    rule: str | None = None
    """A pandas expression that is true or false for each row; true is the second of `classes`."""
    classes: tuple[str, ...] | None = None
    """Of a binary target the second one is the positive class."""

    @model_validator(mode="after")
    def _classes_fit_the_task(self) -> Self:
        count = len(self.classes or ())
        if self.task == "regression" and (count or self.rule):
            raise ValueError("expected no classes and no rule for a regression, found some")
        if self.task == "binary" and count != 2:
            raise ValueError(f"expected two classes for a binary target, found {count}")
        if self.task == "multiclass" and count < 3:
            raise ValueError(f"expected three classes or more for a multiclass target, found {count}")
        return self


class RandomSplit(Document):
    """Rows fall where chance puts them, classes in equal shares."""

    by: Literal["random"]
    seed: int
    validation: float = Field(gt=0, lt=0.5)
    test: float = Field(gt=0, lt=0.5)


class GroupSplit(Document):
    """All rows with one value of `column` (a student, a school) fall on one side."""

    by: Literal["group"]
    column: str
    seed: int
    validation: float = Field(gt=0, lt=0.5)
    test: float = Field(gt=0, lt=0.5)


class TimeSplit(Document):
    """The latest rows by `column` are the test, those before them the validation."""

    by: Literal["time"]
    column: str
    validation: float = Field(gt=0, lt=0.5)
    test: float = Field(gt=0, lt=0.5)


Split = Annotated[RandomSplit | GroupSplit | TimeSplit, Field(discriminator="by")]


class Candidate(Document):
    """A model to train: an algorithm and the hyperparameters that its library documents."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,13}$")
    algorithm: Algorithm
    hyperparameters: dict[str, Any] = Field(default_factory=dict)


class Quality(Document):
    """The gate that a batch of rows passes, or the flow stops."""

    minimum_rows: int = Field(ge=1)
    maximum_quarantined_share: float = Field(ge=0, le=1)


class Gate(Document):
    """A bound on one metric of the held-out data."""

    metric: Metric
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("expected either at_least or at_most, found both or none")
        bound = self.at_least if self.at_least is not None else self.at_most
        if self.metric not in ERRORS and bound is not None and bound > 1:
            raise ValueError(f"expected a bound of at most 1, for {self.metric} is never more; found {bound:g}")
        return self

    def passes(self, value: float) -> bool:
        """Whether `value` is within the bound."""
        return value >= self.at_least if self.at_least is not None else value <= (self.at_most or 0.0)

    def __str__(self) -> str:
        bound = f"≥ {self.at_least:g}" if self.at_least is not None else f"≤ {self.at_most:g}"
        return f"{self.metric} {bound}"


class Evaluation(Document):
    """Which metric decides between candidates, and which bounds a model must keep to be approved."""

    primary: Metric
    gates: tuple[Gate, ...] = Field(min_length=1)
    improvement: float = Field(default=0.0, ge=0)
    """By how much of the primary metric a challenger must be better than the champion."""


class Monitoring(Document):
    """When a feature counts as drifted, by the population stability index (PSI)."""

    psi_warning: float = Field(gt=0)
    psi_drift: float = Field(gt=0)
    minimum_rows: int = Field(ge=1)
    """Below this many scored rows there is no verdict."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.psi_warning > self.psi_drift:
            raise ValueError(
                f"expected psi_warning at or below psi_drift, found {self.psi_warning:g} and {self.psi_drift:g}"
            )
        return self


class Kpi(Document):
    """A figure by which the business judges the answer."""

    name: str
    target: str


class UseCase(Document):
    """Everything that the lifecycle needs to know of one question."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{2,23}$")
    question: str
    kpis: tuple[Kpi, ...] = Field(min_length=1)
    source: Source
    columns: dict[str, Column] = Field(min_length=2)
    key: tuple[str, ...] = ()
    """The columns that name a row; no two rows may share them."""
    known_only_afterwards: tuple[str, ...] = ()
    """Columns of the source that would give the answer away; they are never read."""
    target: Target
    features: tuple[str, ...] = Field(min_length=1)
    split: Split
    candidates: tuple[Candidate, ...] = Field(min_length=1)
    evaluation: Evaluation
    quality: Quality
    monitoring: Monitoring

    @model_validator(mode="after")
    def _parts_fit_each_other(self) -> Self:
        problems = [*self._target_problems(), *self._feature_problems(), *self._model_problems()]
        named = {"key": self.key}
        if self.split.by != "random":
            named["split.column"] = (self.split.column,)
        for where, names in named.items():
            problems += [
                f"{where}: expected a column of the schema, found {n!r}" for n in names if n not in self.columns
            ]
            problems += [
                f"columns.{n}.nullable: expected false, for {where} needs it, found true"
                for n in names
                if n in self.columns and self.columns[n].nullable
            ]
        if leaks := set(self.known_only_afterwards) & set(self.columns):
            problems.append(f"columns: expected none that is known only afterwards, found {', '.join(sorted(leaks))}")
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _target_problems(self) -> list[str]:
        target = self.target
        if empty := sorted(name for name in self.target_sources if self.columns[name].nullable):
            return [
                f"columns.{name}.nullable: expected false, for the target is made of it, found true" for name in empty
            ]
        if target.rule:
            clash = target.column in self.columns
            return (
                [f"target.column: expected a name that the rule may give, found a column {target.column!r}"]
                if clash
                else []
            )
        if (column := self.columns.get(target.column)) is None:
            return [f"target.column: expected a column of the schema, found {target.column!r}"]
        if target.task == "regression":
            return (
                []
                if column.type != "category"
                else ["target.column: expected a number for a regression, found a category"]
            )
        if column.categories == target.classes:
            return []
        return [
            f"target.classes: expected the categories of {target.column}, {column.categories}; found {target.classes}"
        ]

    def _feature_problems(self) -> list[str]:
        unknown = [
            f"features: expected columns of the schema, found {f!r}" for f in self.features if f not in self.columns
        ]
        leaks = [
            f"features: expected none that the target is made of, found {f!r}"
            for f in self.features
            if f in self.target_sources
        ]
        keys = [f"features: expected none of the key, found {f!r}" for f in self.features if f in self.key]
        return unknown + leaks + keys

    def _model_problems(self) -> list[str]:
        task = self.target.task
        problems = [
            f"candidates.{each.name}: expected one of {', '.join(ALGORITHMS[task])} for a {task} target, "
            f"found {each.algorithm}"
            for each in self.candidates
            if each.algorithm not in ALGORITHMS[task]
        ]
        metrics = [self.evaluation.primary, *(gate.metric for gate in self.evaluation.gates)]
        problems += [
            f"evaluation: expected one of {', '.join(METRICS[task])} for a {task} target, found {metric}"
            for metric in metrics
            if metric not in METRICS[task]
        ]
        names = [candidate.name for candidate in self.candidates]
        return problems + [
            f"candidates: expected each name once, found {n!r} again" for n in {*names} if names.count(n) > 1
        ]

    @property
    def target_sources(self) -> set[str]:
        """The columns of the schema that the target is made of."""
        return {self.target.column, *re.findall(r"\w+", self.target.rule or "")} & set(self.columns)

    @property
    def slug(self) -> str:
        """The name as AWS resource names can hold it."""
        return self.name.replace("_", "-")

    @property
    def minimises(self) -> bool:
        """Whether less of the primary metric is better."""
        return self.evaluation.primary in ERRORS

    def better(self, challenger: float, champion: float) -> bool:
        """Whether `challenger` beats `champion` on the primary metric by the asked-for improvement."""
        gain = champion - challenger if self.minimises else challenger - champion
        return gain > self.evaluation.improvement


def use_case_names() -> list[str]:
    """The names of the use cases in config/use_cases/, sorted."""
    return sorted(path.stem for path in settings.USE_CASES.glob("*.yaml"))


@cache
def load_use_case(name: str) -> UseCase:
    """Return the use case called `name`, or the one in the YAML file at the path `name`.

    Raises ConfigError when there is none, or when its file is wrong.
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else settings.USE_CASES / f"{name}.yaml"
    if not path.is_file():
        raise ConfigError(
            f"use case: expected one of {', '.join(use_case_names())}, or the path of a YAML file; found {name!r}"
        )
    use_case = read_document(path, UseCase)
    if path.parent == settings.USE_CASES and use_case.name != path.stem:
        raise ConfigError(f"{path}: name: expected {path.stem!r}, as the file is called; found {use_case.name!r}")
    return use_case
