"""What the training of a version says about its live figures: the references, and the calibration of its intervals."""

import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from config.use_case import UseCase
from tabular.calibration import file as calibration_file
from tabular.calibration.file import Calibration
from tabular.model_archive import extract
from tasks import storage
from tasks.live_quality.evaluated import Evaluated
from tasks.live_quality.held_out import held_out_figures
from tasks.live_quality.measured_figures import COVERAGE
from tasks.progress import log
from tasks.sagemaker import registry


@dataclass(frozen=True)
class TrainedVersion:
    """The figures of a version's held-out rows, and its calibration."""

    held_out: Mapping[tuple[str, str], float]
    """The figures of the held-out rows, by metric and subgroup; empty where their predictions were deleted."""

    evaluated: Evaluated | None
    """None where the registry or S3 no longer has its evaluation."""
    calibration: Calibration | None
    """None for a model without one, and where its archive was deleted."""

    @classmethod
    def of(cls, use_case: UseCase, version: int, groups: Collection[str] = ()) -> Self:
        """Return what is stored about a version, with figures of subgroups by the columns `groups`."""
        evaluated = Evaluated.of(use_case, version)
        if evaluated is None:
            log.warning("quality   version %s: its evaluation was deleted: no figures of its training", version)
            return cls({}, None, None)
        wanted = use_case.evaluation.prediction_sets is not None
        calibration = calibration_of(registry.model_uri(evaluated.package)) if wanted else None
        return cls(held_out_figures(use_case, version, groups, calibration), evaluated, calibration)

    def reference(self, metric: str, group: str = "") -> float | None:
        """Return a metric, or the coverage, of the held-out rows or of a subgroup of them such as `school=GP`."""
        if self.evaluated is None:
            return None
        found = self._coverage(group) if metric == COVERAGE else self.evaluated.reference(metric, group)
        return self.held_out.get((metric, group)) if found is None else found

    def _coverage(self, group: str) -> float | None:
        found = self._evidence("prediction_sets")
        if not group:
            return _number(found.get("coverage"))
        column, _, name = group.partition("=")
        groups = found.get("columns", {}).get(column, ())
        return next((_number(each.get("coverage")) for each in groups if each["group"] == name), None)

    def between(self, column: str, metric: str) -> float | None:
        """Return a metric between the groups of a column, such as `selection_rate_difference`."""
        compared = self._evidence("fairness").get("columns", {}).get(column, {})
        return _number((compared.get("between", {}).get(metric) or {}).get("value"))

    def _evidence(self, kind: str) -> dict[str, Any]:
        found: dict[str, Any] = (self.evaluated.evidence.get(kind) if self.evaluated else None) or {}
        return found


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


@lru_cache(maxsize=8)
def calibration_of(uri: str) -> Calibration | None:
    """Return the calibration in a model.tar.gz; None for a model without one, and where there is no archive."""
    with tempfile.TemporaryDirectory(prefix="vishwaops-") as place:
        archive = Path(place) / "model.tar.gz"
        try:
            storage.download(uri, archive)
        except FileNotFoundError:
            log.warning("quality   %s was deleted: the coverage of its intervals is not measured", uri)
            return None
        extract(archive, [calibration_file.FILE], Path(place))
        return calibration_file.read(Path(place))
