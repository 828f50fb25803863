"""A use case: one YAML file in config/use_cases/ with the source, the target, the candidates and the gates."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from config import consistency, settings
from config.candidates import SEED, Candidate, Evaluation
from config.documents import Document, read_document
from config.errors import ConfigError
from config.feature_store import FeatureGroup
from config.features import EngineeredFeature, Feature
from config.hosting import Hosting, Serverless
from config.monitoring import Monitoring
from config.recommendation import Recommendation
from config.release import ReleaseRules
from config.retraining import Retraining
from config.schema import Column, DerivedColumn, Target
from config.sources import Source
from config.splits import Seed, Split
from config.thresholds import Quality
from config.training import Training
from config.windows import Window
from tabular import columns as plain
from tabular.derived import Derived, Resolved, resolve
from tabular.expressions import Expression, ExpressionError, parse
from tabular.suggestions import did_you_mean

REFERRING = (
    "source.location",
    "source.connection",
    "source.token",
    "source.brokers",
    "source.security.password",
    "source.security.key_password",
    "source.*.location",
    "source.*.connection",
    "source.*.token",
)
"""The keys that may have an environment variable `${NAME}` with a secret. They are expanded only when used. The `*`
matches any part of a joined source, and the labels of features."""


class Kpi(Document):
    """A business metric and its goal."""

    name: str
    target: str


NAME = r"^[a-z][a-z0-9_]{1,22}[a-z0-9]$"
"""The form of a use case's name, as a regular expression."""


class UseCase(Document):
    """The configuration of one question for the whole lifecycle."""

    name: str = Field(pattern=NAME)
    question: str
    kpis: tuple[Kpi, ...] = Field(min_length=1)
    source: Source
    columns: dict[str, Column] = Field(min_length=2)
    derived: dict[str, DerivedColumn] = Field(default_factory=dict)
    """Columns that expressions compute. They may be features, and part of the target's rule and of the split."""
    windows: dict[str, Window] = Field(default_factory=dict)
    """Columns that are computed from the earlier rows of a key. A request has their values."""
    key: tuple[str, ...] = ()
    """The columns that identify a row. Their values together are unique."""
    known_only_afterwards: tuple[str, ...] = ()
    """Columns of the source that leak the target. They are never read."""
    target: Target
    features: tuple[Feature, ...] = Field(min_length=1)
    """The columns, derived columns and windows that the model takes, and features that a training job fits
    (`config.features`)."""
    split: Split
    candidates: tuple[Candidate, ...] = Field(min_length=1)
    seed: Seed = SEED
    """The seed of training. A candidate's `random_state` takes precedence. The split has its own seed."""
    training: Training = Training()
    evaluation: Evaluation
    quality: Quality
    monitoring: Monitoring
    retraining: Retraining | None = None
    """When live traffic starts a retraining; None never starts one."""
    hosting: Hosting = Serverless(kind="serverless")
    """How the endpoint is hosted."""
    release: ReleaseRules = ReleaseRules()
    """How a new version is approved, and how the endpoint's traffic moves to it."""
    engine: Literal["local", "spark"] = "local"
    """Where `ingest` and `validate` read the rows: on the machine of the flow, or by Spark in a processing job."""
    feature_store: FeatureGroup | None = None
    """The feature group that `validate` writes the rows to."""
    recommendation: Recommendation | None = None
    """The items that are recommended to users by their predictions (`vishwaops recommend`)."""

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
        """The target's parsed rule. `config.consistency` checks it."""
        if self.target.rule is None:
            return None
        return parse(self.target.rule, consistency.fields(self), "boolean")

    @property
    def target_sources(self) -> frozenset[str]:
        """The columns of the schema that the target is computed from; empty when its rule is invalid."""
        try:
            return self.rule.names if self.rule else frozenset({self.target.column})
        except ExpressionError:
            return frozenset()

    @cached_property
    def resolved(self) -> Resolved:
        """The expressions of the derived columns, each after those that it uses. `config.consistency` checks them."""
        return resolve(self.columns.values(), self._plain_derived())

    def _plain_derived(self) -> dict[str, Derived]:
        return {
            name: Derived(name=name, expression=each.expression, type=each.type, sensitive=each.sensitive)
            for name, each in self.derived.items()
        }

    @property
    def derived_columns(self) -> dict[str, Derived]:
        """The valid derived columns, each after those that it uses. One of a sensitive column is sensitive."""
        plain = self._plain_derived()
        return {
            name: replace(plain[name], sensitive=plain[name].sensitive or self._any_sensitive(expression.names))
            for name, expression in self.resolved.expressions.items()
        }

    def _any_sensitive(self, names: Iterable[str]) -> bool:
        return any(self.columns[name].sensitive for name in names)

    @cached_property
    def split_columns(self) -> dict[str, plain.Column]:
        """The columns that the rows of a split, a request and a prediction may have: the schema's, and the windows."""
        return {**self.columns, **{name: window.column(self, name) for name, window in self.windows.items()}}

    def sources_of(self, name: str) -> tuple[str, ...]:
        """The columns that give a column's values: itself, or those of a derived column's expression."""
        if name in self.columns or name in self.windows:
            return (name,)
        expression = self.resolved.expressions.get(name)
        return tuple(each for each in self.columns if expression and each in expression.names)

    @property
    def plain_features(self) -> tuple[str, ...]:
        """The columns, derived columns and windows among the features."""
        return tuple(each for each in self.features if isinstance(each, str))

    @property
    def engineered(self) -> tuple[EngineeredFeature, ...]:
        """The engineered features."""
        return tuple(each for each in self.features if isinstance(each, EngineeredFeature))

    @property
    def inputs(self) -> tuple[str, ...]:
        """The model's inputs: the plain features, then the other columns that engineered features are computed from."""
        return tuple(dict.fromkeys((*self.plain_features, *(name for each in self.engineered for name in each.of))))

    @property
    def request_columns(self) -> tuple[str, ...]:
        """The columns of a request: the inputs, with the columns of derived ones in their place."""
        return tuple(dict.fromkeys(source for name in self.inputs for source in self.sources_of(name)))

    @property
    def requested_windows(self) -> dict[str, Window]:
        """The windows that a request has, by name."""
        return {name: self.windows[name] for name in self.request_columns if name in self.windows}

    @property
    def selected_by(self) -> str:
        """The metric of a training job that chooses the winner: `validation:<primary>`, or `cv:<primary>`."""
        return f"{'cv' if self.training.cross_validation else 'validation'}:{self.evaluation.primary}"

    @property
    def headers(self) -> dict[str, str]:
        """The name of each column in the source, stripped, by the column's name in the schema."""
        return {name: (column.header or name).strip() for name, column in self.columns.items()}

    @property
    def columns_by_header(self) -> dict[str, Column]:
        """The columns by their name in the source."""
        return {header: self.columns[name] for name, header in self.headers.items()}

    @property
    def has_source(self) -> bool:
        """Whether a run without `--source` has a file to read."""
        return self.source.readable

    @property
    def slug(self) -> str:
        """The name in the form that AWS allows in resource names."""
        return slug_of(self.name)


def slug_of(name: str) -> str:
    """The name of a use case in the form that AWS allows in resource names."""
    return name.replace("_", "-")


def use_case_names() -> list[str]:
    """The names of the use cases in config/use_cases/, sorted."""
    return sorted(path.stem for path in settings.USE_CASES.glob("*.yaml"))


@cache
def load_use_case(name: str) -> UseCase:
    """Return the use case called `name`, or the one in the YAML file at the path `name`.

    Raises ConfigError when the file is missing or invalid; when a file elsewhere has the name of a use case in
    config/use_cases/, because both would share data, models and endpoint; and when the name begins with another use
    case's name and `_`, or the other way round.
    """
    path = use_case_path(name)
    use_case = read_document(path, UseCase, referring=REFERRING)
    if not _ships(path):
        if use_case.name in use_case_names():
            raise ConfigError(
                f"{path}: name: expected a unique name, found {use_case.name!r}, which is also in "
                f"{settings.USE_CASES / use_case.name}.yaml. Rename this one"
            )
    elif use_case.name != path.stem:
        raise ConfigError(f"{path}: name: expected {path.stem!r}, the file's name; found {use_case.name!r}")
    refuse_overlapping_names(path, use_case.name)
    return use_case


def refuse_overlapping_names(path: Path, name: str) -> None:
    """Refuse a name whose resources' names begin like another use case's: roles and clean-up go by `<slug>-*`."""
    for other in use_case_names():
        shorter, longer = sorted((slug_of(name), slug_of(other)), key=len)
        if longer.startswith(f"{shorter}-"):
            raise ConfigError(
                f"{path}: name: expected a name that does not begin with another use case's name and `_`, found "
                f"{name!r} beside {other!r}. Both would have resources named {shorter}-..., and each could reach the "
                "other's. Rename one of them"
            )


def use_case_path(name: str) -> Path:
    """Return the path of a use case's YAML, by its name or its path. Raises ConfigError for an unknown name."""
    if name in use_case_names():
        return settings.USE_CASES / f"{name}.yaml"
    path = Path(name).expanduser()
    if name.endswith((".yaml", ".yml")) and not path.exists():
        raise ConfigError(f"{name}: there is no such file; a relative path begins at the current folder, {Path.cwd()}")
    if not name.endswith((".yaml", ".yml")) or not path.is_file():
        near = did_you_mean(name, use_case_names())
        raise ConfigError(
            f"use case: expected one of {', '.join(use_case_names())}, or the path of a YAML file; found {name!r}{near}"
        )
    return path


def _ships(path: Path) -> bool:
    return path.resolve().parent == settings.USE_CASES
