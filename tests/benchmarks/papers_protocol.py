"""Repeated 10-fold cross-validation in which the candidate is chosen again inside every fold.

In each fold the candidates are compared by INNER-fold cross-validation of the fold's training rows, as `training:
cross_validation` does; the best is fitted to all of them. The rows that are predicted choose nothing. Every fold's
answers are stored, so that an interrupted run continues.
"""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from tabular import contract_frames, metrics, pipelines, recipe
from tabular.folds import FoldKeys, partition
from tabular.pipeline_model import PipelineModel
from tabular.recipe import Recipe, Rows
from tests.benchmarks.papers_questions import Question, naive

FOLDS, INNER = 10, 2
STORE = Path(__file__).parents[2] / ".vishwaops" / "papers"


class Run(NamedTuple):
    """One run: every row is predicted once."""

    metric: float
    naive: float
    candidates: dict[str, float]
    """The metric by which the candidates were compared, on training rows: the mean over the folds."""
    chosen: list[str]
    """The candidate that was chosen in each fold."""
    truth: np.ndarray
    answers: np.ndarray
    """(n,) class numbers or floats, of the chosen candidates."""


def runs(question: Question, count: int, jobs: int) -> list[Run]:
    """Return `count` runs of a question, computed by `jobs` processes where they are not stored."""
    each = [(question, run, fold) for run in range(count) for fold in range(FOLDS)]
    if jobs > 1:
        with ProcessPoolExecutor(jobs) as processes:
            list(processes.map(_stored, each))
    return [_run(question, run) for run in range(count)]


def _stored(work: tuple[Question, int, int]) -> dict[str, Any]:
    question, run, fold = work
    path = STORE / digest(question) / f"{run}-{fold}.json"
    if not path.exists():
        with threadpool_limits(1):
            answers = answer(question, run, fold)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(answers))
        part.replace(path)
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def answer(question: Question, run: int, fold: int) -> dict[str, Any]:
    """Return the places of a fold's rows, the candidate that its training rows choose, and its answers."""
    truth = truth_of(question)
    fitted, predicted = folds(question, run)[fold]
    scores = {name: _inner_score(question, name, truth, fitted, run) for name in question.candidates}
    best = (max if question.classes else min)(scores, key=lambda name: scores[name])
    return {
        "places": predicted.tolist(),
        "scores": scores,
        "chosen": best,
        "naive": naive(question, fitted, predicted, truth).tolist(),
        "answers": _fit_predict(question, best, fitted, predicted).tolist(),
    }


def _inner_score(question: Question, name: str, truth: np.ndarray, fitted: np.ndarray, run: int) -> float:
    """Return a candidate's metric on the training rows of a fold, each predicted from others of them."""
    answers = np.empty(len(fitted))
    for inner, held_out in _partition(question, truth[fitted], INNER, run):
        answers[held_out] = _fit_predict(question, name, fitted[inner], fitted[held_out])
    return score(question, truth[fitted], answers)


def folds(question: Question, run: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the FOLDS folds of a run: random parts of equal size, stratified by class."""
    return _partition(question, truth_of(question), FOLDS, run)


def truth_of(question: Question) -> np.ndarray:
    """Return the (n,) class numbers or floats of a question."""
    return contract_frames.outputs(question.contract, question.frame)


def _partition(question: Question, truth: np.ndarray, count: int, run: int) -> list[tuple[np.ndarray, np.ndarray]]:
    keys = FoldKeys("random", np.zeros(len(truth)))
    return partition(keys, truth if question.classes else None, count, seed=run)


def _fit_predict(question: Question, name: str, fitted: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Fit the whole pipeline of a candidate to rows, and return its (n,) answers for others."""
    algorithm, hyperparameters = question.candidates[name]
    rows = Rows(question.frame.iloc[fitted], FoldKeys("random", np.zeros(len(fitted))))
    pipeline = Recipe(question.contract, algorithm, hyperparameters, threads=1).fit(rows).pipeline
    model = PipelineModel(pipeline, question.contract)
    output = model.predict(model.features(question.frame.iloc[predicted]))
    return output.argmax(axis=1) if question.classes else output


def score(question: Question, truth: np.ndarray, answers: np.ndarray) -> float:
    """Return the macro-F1 or RMSE of (n,) answers."""
    if not question.classes:
        return metrics.score("regression", truth, answers)["rmse"]
    output = np.eye(len(question.contract.classes))[answers.astype(int)]
    return metrics.score("multiclass", truth, output)["f1"]


def _run(question: Question, run: int) -> Run:
    parts = [_stored((question, run, fold)) for fold in range(FOLDS)]
    truth = truth_of(question)[np.concatenate([part["places"] for part in parts])]
    chosen, simple = (np.concatenate([part[key] for part in parts]) for key in ("answers", "naive"))
    return Run(
        score(question, truth, chosen),
        score(question, truth, simple),
        {name: float(np.mean([part["scores"][name] for part in parts])) for name in question.candidates},
        [part["chosen"] for part in parts],
        truth,
        chosen,
    )


def digest(question: Question) -> str:
    """Return a digest of what the answers of a question depend on: rows, features, candidates and code."""
    rows, candidates = question.frame.to_json(), json.dumps(question.candidates)
    content = [question.contract.json(), rows, candidates, question.naive or "", f"{FOLDS} {INNER}", _code()]
    return hashlib.sha256("\n".join(content).encode()).hexdigest()[:16]


@cache
def _code() -> str:
    return "".join(Path(str(module.__file__)).read_text() for module in (pipelines, recipe, metrics))
