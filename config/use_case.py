"""A use case: one YAML file in config/use_cases/ that says what to predict, from what, and how well."""

import re
from functools import cache
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from config import settings
from config.documents import Document, read_document
from config.errors import ConfigError
from config.models import ALGORITHMS, ERRORS, METRICS, Candidate, Evaluation
from config.schema import Column, Target
from config.sources import Source
from config.splits import Split
from config.thresholds import Monitoring, Quality


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
