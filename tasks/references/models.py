"""The outputs of the model stages: trained, evaluated and registered models, and the champion."""

from datetime import datetime
from typing import Any

from pydantic import Field

from tasks.references.data import DataSplit
from tasks.references.reference import Reference


class TrainedModel(Reference):
    """The output of one completed training job."""

    candidate: str
    algorithm: str
    hyperparameters: dict[str, Any] = Field(default_factory=dict)
    split_digest: str
    """The split that it was trained on. It is evaluated only on rows of this split."""
    job_name: str
    job_arn: str
    model_uri: str
    metrics: dict[str, float]
    """Named `train:<metric>` and `validation:<metric>`, as the job printed them."""
    seconds: float

    @property
    def headline(self) -> str:
        found = [f"{name} {value:.4f}" for name, value in self.metrics.items() if name.startswith("validation:")]
        return f"{self.candidate}: {', '.join(found)}; {self.seconds:.1f} s"


class TrainedModels(Reference):
    """The output of `train`: the models of every candidate, all trained on one split."""

    split_digest: str
    models: tuple[TrainedModel, ...]

    @property
    def headline(self) -> str:
        names = ", ".join(model.candidate for model in self.models)
        seconds = sum(model.seconds for model in self.models)
        return f"{len(self.models)} models in {seconds:.1f} s of training: {names}"


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
