"""The outputs of the model stages: trained, evaluated and registered models, and the champion."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tasks.references.data import DataSplit
from tasks.references.planned_training import REFIT, PlannedTraining
from tasks.references.reference import Reference


class TrainedModel(Reference):
    """The output of one completed training job, or of the best training job of a search."""

    candidate: str
    algorithm: str
    hyperparameters: dict[str, Any] = Field(default_factory=dict)
    split_digest: str
    """The split that it was trained on. It is evaluated only on rows of this split."""
    job_name: str
    job_arn: str
    model_uri: str
    metrics: dict[str, float]
    """Named `train:<metric>` and `validation:<metric>`, as the job printed them; a refit has `train:<metric>` only."""
    seconds: float
    """From the creation of the job, or of the search, to its end."""
    jobs: int = 1
    """The number of training jobs; more than one in a search."""
    tuning_job_name: str | None = None
    """None without a search."""
    billed_seconds: int | None = None
    """The seconds that AWS bills for each instance, of all training jobs; None in records of older versions."""
    dollars: float | None = None
    """The price of these seconds; None without a price in config/prices/."""
    out_of_budget: bool = False
    """Whether the budget has ended the search."""
    refit_of: str | None = None
    """For the winner's refit, the training job of the winner; None for the model of a candidate's own job."""

    @property
    def headline(self) -> str:
        prefix = "train:" if self.refit_of else "validation:"
        found = [f"{name} {value:.4f}" for name, value in self.metrics.items() if name.startswith(prefix)]
        return f"{self.candidate}{' (refit)' if self.refit_of else ''}: {', '.join(found)}; {self.seconds:.1f} s"


class TrainedModels(Reference):
    """The output of `train`: the models of every candidate, the winner and its refit, all trained on one split."""

    split_digest: str
    models: tuple[TrainedModel, ...]
    """The models of the candidates, and last the winner's refit, if there is one."""
    winner: str | None = None
    """The candidate that was chosen; None in records of earlier versions, which chose it when they evaluated."""
    planned: tuple[PlannedTraining, ...] = ()
    """What each candidate and the refit were expected to cost, before the training."""

    @property
    def candidates(self) -> tuple[TrainedModel, ...]:
        """The models of the candidates' own jobs."""
        return tuple(model for model in self.models if not model.refit_of)

    @property
    def refitted(self) -> TrainedModel | None:
        """The winner's refit; None where the use case has none."""
        return next((model for model in self.models if model.refit_of), None)

    @property
    def final(self) -> TrainedModel | None:
        """The model that is evaluated: the refit, or else the winner's own; None in records of earlier versions."""
        own = (model for model in self.candidates if model.candidate == self.winner)
        return self.refitted or next(own, None)

    def result_of(self, planned: PlannedTraining) -> TrainedModel | None:
        """The model of what was planned."""
        if planned.candidate == REFIT:
            return self.refitted
        return next((model for model in self.candidates if model.candidate == planned.candidate), None)

    @property
    def billed_seconds(self) -> int:
        """The seconds that AWS bills for each instance, of all jobs."""
        return sum(model.billed_seconds or 0 for model in self.models)

    @property
    def dollars(self) -> float | None:
        """The price of all jobs; None if that of one is unknown."""
        prices = [model.dollars for model in self.models if model.dollars is not None]
        return sum(prices) if len(prices) == len(self.models) else None

    @property
    def headline(self) -> str:
        names = ", ".join(model.candidate for model in self.candidates)
        seconds = sum(model.seconds for model in self.models)
        cost = "" if self.dollars is None else f", ${self.dollars:.4f}"
        refit = f"; {self.winner} wins and is refitted" if self.refitted else ""
        return f"{len(self.models)} models in {seconds:.1f} s of training{cost}: {names}{refit}"


class Estimate(BaseModel):
    """A figure of the held-out rows, with its bootstrap interval."""

    model_config = ConfigDict(frozen=True)

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.4f} ({self.low:.4f} to {self.high:.4f})"


class Comparison(BaseModel):
    """By how much the challenger is better than the champion in one metric, by a paired bootstrap."""

    model_config = ConfigDict(frozen=True)

    metric: str
    difference: float
    """Positive where the challenger is better. `low` and `high` are its interval at `level`."""
    low: float
    high: float
    level: float
    resamples: int
    improvement: float
    confidence_better: float
    """The share of the resamples in which the challenger is better by more than `improvement`."""


class ColumnAlone(BaseModel):
    """How well each column predicts the target alone."""

    model_config = ConfigDict(frozen=True)

    metric: str
    columns: dict[str, float]


class ModelEvaluation(Reference):
    """The output of `evaluate`: metrics of the best candidate, the champion and a naive prediction on held-out rows."""

    model: TrainedModel
    split_digest: str
    """The split of the held-out rows. It is the model's own split."""
    job_name: str
    job_arn: str
    uri: str
    """JSON with the metrics and the points of the plots."""
    rows: int
    primary: str
    """The metric that compares models."""
    metrics: dict[str, float]
    baseline: dict[str, float]
    champion: dict[str, float] | None
    champion_arn: str | None
    intervals: dict[str, tuple[float, float]] = Field(default_factory=dict)
    """The interval of each metric that has one; none in records of older versions, as all that follows."""
    comparison: Comparison | None = None
    latency_ms: float | None = None
    """The median time of one row through the model in the evaluation's job."""
    bytes: int | None = None
    """The size of model.tar.gz."""
    alone: ColumnAlone | None = None
    fairness: dict[str, dict[str, Estimate]] = Field(default_factory=dict)
    """The figures between the groups of each column of `evaluation.fairness`, by metric; without undefined ones."""

    @property
    def headline(self) -> str:
        value, naive = self.metrics[self.primary], self.baseline[self.primary]
        champion = f"champion {self.champion[self.primary]:.4f}" if self.champion else "no champion yet"
        figures = f"{self.primary} {value:.4f}, naive {naive:.4f}, {champion}"
        return f"{self.model.candidate} on {self.rows:,} held-out rows: {figures}"


class Release(Reference):
    """The output of `register`: a version in the model registry, and the reasons for its status."""

    model_package_arn: str
    version: int
    approved: bool
    reasons: tuple[str, ...]
    mlflow_run_id: str | None
    """None when the environment has no MLflow tracking server."""
    champion_arn: str | None
    """The package of the present champion, if any: this version's package if it was promoted."""
    pending: bool = False
    """Whether it waits for a person's decision."""
    card: str | None = None
    """The file of the model card beside the page of a run; None on AWS, and in records of older versions."""
    card_uri: str | None = None
    """The model card in S3."""

    @property
    def verdict(self) -> str:
        """Its status in a word: approved, rejected or pending."""
        return "approved" if self.approved else "pending" if self.pending else "rejected"

    @property
    def headline(self) -> str:
        verdict = self.verdict
        return f"version {self.version} {verdict}" + (f": {'; '.join(self.reasons)}" if self.reasons else "")


class RegisteredModel(Reference):
    """A version in the model registry."""

    model_package_arn: str
    version: int
    model_uri: str


class Champion(RegisteredModel):
    """The version that the endpoint should serve. `register` and `vishwaops champion --set` change it."""

    split: DataSplit
    """The split that it was trained on."""
    since: datetime
    reason: str
    compared_with: RegisteredModel | None = None
    """The champion in its evaluation."""
    history: tuple[str, ...] = ()
    """The ARNs of the previous champions' packages, oldest first."""

    @property
    def returns(self) -> bool:
        """Whether it was champion before, and another version between."""
        return self.model_package_arn in self.history

    @property
    def headline(self) -> str:
        return f"version {self.version} since {self.since:%Y-%m-%d %H:%M} UTC: {self.reason}"
