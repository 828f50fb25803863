"""Checks that the search of a candidate fits its use case."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from config.candidates import Candidate
from config.hyperparameters import range_problems
from config.tuning import REPORTS_ROUNDS

if TYPE_CHECKING:
    from config.use_case import UseCase


def reports_rounds(case: "UseCase", candidate: Candidate) -> bool:
    """Whether a candidate's training job prints its objective while it trains."""
    return candidate.algorithm in REPORTS_ROUNDS and case.training.cross_validation is None


def tuning_problems(case: "UseCase", candidate: Candidate, key: str) -> Iterator[str]:
    """Yield the mistakes of a candidate's key `tune`, as `key: expected ..., found ...`."""
    yield from range_problems(candidate, f"{key}.tune.ranges", case.target)
    yield from _objective_at_the_end(case, candidate, f"{key}.tune")
    if tuned := [each.name for each in case.candidates if each.tune and each.name in candidate.of]:
        yield f"{key}.of: expected candidates without tune, because a stack fits them itself; found {tuned[0]!r}"


def _objective_at_the_end(case: "UseCase", candidate: Candidate, key: str) -> Iterator[str]:
    if candidate.tune is None or reports_rounds(case, candidate):
        return
    why = "cross-validation reports" if case.training.cross_validation else f"{candidate.algorithm} reports"
    if candidate.tune.early_stopping:
        yield f"{key}.early_stopping: expected false, because {why} the objective only at the end; found true"
    if candidate.tune.strategy == "Hyperband":
        yield f"{key}.strategy: expected another than Hyperband, because {why} the objective only at the end; found it"
