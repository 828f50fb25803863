"""A use case: one YAML file in config/use_cases/ that says what to predict, from what, and how well."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Self

from pydantic import Field, field_validator, model_validator

from config import consistency, settings
from config.candidates import SEED, Candidate, Evaluation
from config.documents import Document, read_document
from config.errors import ConfigError
from config.schema import Column, Target
from config.sources import Source
from config.splits import Seed, Split
from config.thresholds import Monitoring, Quality
from tabular.expressions import Expression, ExpressionError, parse
from tabular.suggestions import did_you_mean

REFERRING = ("source.location",)
"""The keys in which `${NAME}` is an environment variable, and that may hold a secret: expanded only when used."""


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
    seed: Seed = SEED
    """Of the random numbers that training draws; a candidate's `random_state` comes before it. Not the split's."""
    evaluation: Evaluation
    quality: Quality
    monitoring: Monitoring

    @field_validator("columns")
    @classmethod
    def _columns_know_their_names(cls, columns: dict[str, Column]) -> dict[str, Column]:
        return {name: replace(column, name=name) for name, column in columns.items()}

    @model_validator(mode="after")
    def _parts_fit_each_other(self) -> Self:
        if problems := consistency.problems(self):
            raise ValueError("\n".join(problems))
        return self

    @property
    def rule(self) -> Expression | None:
        """The target's rule, which `config.consistency` has checked."""
        if self.target.rule is None:
            return None
        return parse(self.target.rule, consistency.fields(self), "boolean")

    @property
    def target_sources(self) -> frozenset[str]:
        """The columns of the schema that the target is made of; none while its rule is wrong."""
        try:
            return self.rule.names if self.rule else frozenset({self.target.column})
        except ExpressionError:
            return frozenset()

    @property
    def headers(self) -> dict[str, str]:
        """The name of each column in the source, without blanks around it, by the column's name in the schema."""
        return {name: (column.header or name).strip() for name, column in self.columns.items()}

    @property
    def slug(self) -> str:
        """The name as AWS resource names can hold it."""
        return self.name.replace("_", "-")


def use_case_names() -> list[str]:
    """The names of the use cases in config/use_cases/, sorted."""
    return sorted(path.stem for path in settings.USE_CASES.glob("*.yaml"))


@cache
def load_use_case(name: str) -> UseCase:
    """Return the use case called `name`, or the one in the YAML file at the path `name`.

    Raises ConfigError when there is none, when its file is wrong, and when a file elsewhere has the name of one in
    config/use_cases/: it would share its data, models and endpoint.
    """
    path = _path(name)
    use_case = read_document(path, UseCase, referring=REFERRING)
    if not _ships(path):
        if use_case.name in use_case_names():
            raise ConfigError(
                f"{path}: name: expected one that no other use case has, found {use_case.name!r}, which is in "
                f"{settings.USE_CASES / use_case.name}.yaml. Give this one a name of its own"
            )
    elif use_case.name != path.stem:
        raise ConfigError(f"{path}: name: expected {path.stem!r}, as the file is called; found {use_case.name!r}")
    return use_case


def _path(name: str) -> Path:
    if name in use_case_names():
        return settings.USE_CASES / f"{name}.yaml"
    path = Path(name).expanduser()
    if not name.endswith((".yaml", ".yml")) or not path.is_file():
        near = did_you_mean(name, use_case_names())
        raise ConfigError(
            f"use case: expected one of {', '.join(use_case_names())}, or the path of a YAML file; found {name!r}{near}"
        )
    return path


def _ships(path: Path) -> bool:
    return path.resolve().parent == settings.USE_CASES
