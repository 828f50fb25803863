"""What the stages of models leave: trained, evaluated and registered models, and the champion."""

from datetime import datetime
from typing import Any

from pydantic import Field

from tasks.references.data import DataSplit
from tasks.references.reference import Reference


class TrainedModel(Reference):
    """What one completed training job has left."""

    candidate: str
    algorithm: str
    hyperparameters: dict[str, Any] = Field(default_factory=dict)
    split_digest: str
    """The split that it was trained on: it is judged on the rows of no other."""
    job_name: str
    job_arn: str
    model_uri: str
    metrics: dict[str, float]
    """By `train:<metric>` and `validation:<metric>`, as the job printed them."""
    seconds: float

    @property
    def headline(self) -> str:
        found = [f"{name} {value:.4f}" for name, value in self.metrics.items() if name.startswith("validation:")]
        return f"{self.candidate}: {', '.join(found)}; {self.seconds:.1f} s"


class TrainedModels(Reference):
    """The models of every candidate, all trained on one split; left by `train`."""

    split_digest: str
    models: tuple[TrainedModel, ...]

    @property
    def headline(self) -> str:
        names = ", ".join(model.candidate for model in self.models)
        seconds = sum(model.seconds for model in self.models)
        return f"{len(self.models)} models in {seconds:.1f} s of training: {names}"


class ModelEvaluation(Reference):
    """How the best candidate does on held-out rows, beside the champion and a naive prediction."""

    model: TrainedModel
    split_digest: str
    """The split whose held-out rows it was judged on, which is the model's own."""
    job_name: str
    job_arn: str
    uri: str
    """JSON, with the points that the plots are drawn from."""
    rows: int
    primary: str
    """The metric that decides."""
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
    """A version in the model registry, why it is rejected, or approved and not champion, or what a person has set."""

    model_package_arn: str
    version: int
    approved: bool
    reasons: tuple[str, ...]
    mlflow_run_id: str
    champion_arn: str | None
    """The package that is to serve now, if there is one: this one if it was promoted."""

    @property
    def headline(self) -> str:
        verdict = "approved" if self.approved else "rejected"
        return f"version {self.version} {verdict}" + (f": {'; '.join(self.reasons)}" if self.reasons else "")


class RegisteredModel(Reference):
    """A version in the model registry."""

    model_package_arn: str
    version: int
    model_uri: str


class Champion(RegisteredModel):
    """What the endpoint is to serve: the pointer that register moves, and `vishwaops champion --set`."""

    split: DataSplit
    """What it was trained on."""
    since: datetime
    reason: str
    compared_with: RegisteredModel | None = None
    """The champion that it was compared with when it was evaluated."""
    history: tuple[str, ...] = ()
    """The ARNs of the packages that have been champion before, the oldest first."""

    @property
    def headline(self) -> str:
        return f"version {self.version} since {self.since:%Y-%m-%d %H:%M} UTC: {self.reason}"
