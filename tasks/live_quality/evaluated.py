"""What the evaluation of a registered version says about its held-out rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from config.use_case import UseCase
from tasks import storage
from tasks.live_quality.calibrators import Calibrator, calibrators_of
from tasks.live_quality.residuals import Residuals
from tasks.platform import platform
from tasks.sagemaker import registry

LEAST_HELD_OUT = 30
"""The least held-out rows that an estimate is learned from."""
EARLIER = "an earlier version of VishwaOps evaluated it. Train it again"


@dataclass(frozen=True)
class Evaluated:
    """A version, and the content of its evaluation.json."""

    task: str
    """`binary`, `multiclass` or `regression`."""
    classes: tuple[str, ...]
    evidence: Mapping[str, Any]
    package: Mapping[str, Any]
    """The model package, as SageMaker describes it."""

    @classmethod
    def of(cls, use_case: UseCase, version: int) -> Self | None:
        """Return what is stored about a version; None where the registry or S3 no longer has it."""
        package = registry.find_version(platform().model_package_group(use_case.name), version)
        if package is None:
            return None
        try:
            evidence = storage.get_json(registry.evaluation_uri(package))
        except (KeyError, FileNotFoundError):
            return None
        return cls(use_case.target.task, tuple(use_case.target.classes or ()), evidence, package)

    @cached_property
    def calibrators(self) -> dict[int, Calibrator]:
        """The calibrators of the classes, by number; empty for a regression."""
        return calibrators_of(self.evidence, self.classes)

    @cached_property
    def residuals(self) -> Residuals:
        """The held-out residuals of a regression, of at most 1,000 rows."""
        points = self.evidence["points"]
        return Residuals.of(np.asarray(points["truth"]), np.asarray(points["predicted"]))

    @property
    def problem(self) -> str | None:
        """Why nothing can be estimated, if so."""
        if self.task == "regression":
            rows = len(self.evidence.get("points", {}).get("truth", ()))
        elif not self.calibrators:
            return f"expected `calibration` in its evaluation, found none: {EARLIER}"
        else:
            rows = max(int(each.rows.sum()) for each in self.calibrators.values())
        return f"expected {LEAST_HELD_OUT} held-out rows or more, found {rows}" if rows < LEAST_HELD_OUT else None

    def reference(self, metric: str, group: str = "") -> float | None:
        """Return a metric of the held-out rows, or of one subgroup of them; None where it was not measured."""
        value = self._of_group(metric, group) if group else self.evidence.get("metrics", {}).get(metric)
        return float(value) if value is not None and np.isfinite(value) else None

    def _of_group(self, metric: str, group: str) -> float | None:
        column, _, name = group.partition("=")
        compared = (self.evidence.get("fairness") or {}).get("columns", {}).get(column, {})
        rates: dict[str, dict[str, dict[str, float] | None]]
        rates = {each["group"]: each.get("rates", {}) for each in compared.get("groups", ())}
        found = rates.get(name, {}).get(metric)
        return found["value"] if found else None
