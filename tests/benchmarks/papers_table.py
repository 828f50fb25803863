"""The stored figures beside published ones, and the tables of them in the README."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.papers_protocol import FOLDS, Run, score
from tests.benchmarks.papers_questions import Question

FILE = Path(__file__).with_name("papers.json")
ROUNDING = 0.005 / 3**0.5
"""The standard deviation of the rounding of a figure with two decimals."""
NOISE_UNITS = 2
"""A figure that is worse than the best published one by more of its units of noise is a miss."""
TOO_GOOD = 0.78
"""A macro-F1 above this on UCI 697 comes from leakage."""
RESAMPLES = 300


def kept() -> dict[str, list[dict[str, Any]]]:
    """Every stored row, by table."""
    return dict(json.loads(FILE.read_text())) if FILE.exists() else {}


def keep(table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Replace the rows of a table."""
    FILE.write_text(json.dumps({**kept(), table: list(rows)}, indent=1) + "\n")


def row(question: Question, runs: Sequence[Run]) -> dict[str, Any]:
    """Return the figures of runs beside the published ones. One run has no standard error, and a number no noise."""
    values = np.array([each.metric for each in runs])
    error = float(values.std(ddof=1) / len(runs) ** 0.5) if len(runs) > 1 else None
    by, best = best_published(question.published, question.classes)
    better = None if best is None else float(values.mean() - best if question.classes else best - values.mean())
    chosen = Counter(name for each in runs for name in each.chosen)
    return {
        "question": question.name,
        "metric": "f1" if question.classes else "rmse",
        "rows": len(question.frame),
        "features": len(question.contract.features),
        "runs": len(runs),
        "ours": float(values.mean()),
        "standard_error": error,
        "noise": _noise(question, runs[0], error),
        "naive": float(np.mean([each.naive for each in runs])),
        "published": dict(question.published),
        "best": best,
        "best_by": by,
        "better": better,
        "chosen": {name: count / len(runs) / FOLDS for name, count in chosen.most_common()},
        "compared_by": {name: float(np.mean([each.candidates[name] for each in runs])) for name in runs[0].candidates},
    }


def _noise(question: Question, run: Run, error: float | None) -> float | None:
    if question.classes:
        return float(np.hypot(error or 0.0, 2**0.5 * _rows_error(question, run)))  # theirs has an error of its rows too
    return None if error is None else float(np.hypot(error, ROUNDING))


def best_published(published: Mapping[str, float], higher: bool) -> tuple[str | None, float | None]:
    """Return the best published figure and its name; Nones if there is none."""
    if not published:
        return None, None
    name = (max if higher else min)(published, key=lambda each: published[each])
    return name, published[name]


def _rows_error(question: Question, run: Run) -> float:
    """Return the bootstrap standard error of a run's macro-F1 over the rows, since replications predict other rows."""
    draw, count = np.random.default_rng(question.contract.seed), len(run.truth)
    places = [draw.integers(count, size=count) for _ in range(RESAMPLES)]
    return float(np.std([score(question, run.truth[each], run.answers[each]) for each in places], ddof=1))


def problem(found: Mapping[str, Any]) -> str | None:
    """Return what is wrong with a row: worse than published beyond noise, or too good; None if nothing is."""
    if found["metric"] == "f1" and found["ours"] > TOO_GOOD:
        return f"above {TOO_GOOD}: look for leakage"
    better = found["better"]
    return "worse than published" if better is not None and better < -NOISE_UNITS * (found["noise"] or 0) else None


def papers(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the Markdown table of the rows of both papers."""
    heads = (
        "question",
        "metric",
        "naive",
        "best published",
        "ours (± standard error, runs)",
        "better by",
        "chosen most",
    )
    return _markdown(heads, [_cells(each) for each in rows])


def _cells(found: Mapping[str, Any]) -> list[str]:
    digits, metric = (3, "macro-F1") if found["metric"] == "f1" else (2, "RMSE")
    theirs = found["published"].get("NV")
    naive = f"{found['naive']:.{digits}f}" + (f" (published {theirs:.2f})" if theirs is not None else "")
    name, share = next(iter(found["chosen"].items()))
    error = "" if found["standard_error"] is None else f" ± {found['standard_error']:.3f}"
    ours = f"{found['ours']:.{digits}f}{error}, {found['runs']}"
    return [found["question"], metric, naive, _published(found), ours, _better(found), f"{name} ({share:.0%})"]


def _better(found: Mapping[str, Any]) -> str:
    """Return by how much ours is better than the best published figure, and what is wrong."""
    if found["better"] is None:
        return "—"
    units = "" if found["noise"] is None else f", {found['better'] / found['noise']:+.1f} units of noise"
    wrong = problem(found)
    return f"{found['better']:+.3f}{units}" + (f" — **{wrong}**" if wrong else "")


def _published(found: Mapping[str, Any]) -> str:
    if found["best"] is None:
        return "—"
    if found["metric"] != "f1":
        return f"{found['best']:.2f} ({found['best_by']})"
    low = found["published"].get("low")
    return f"{low:.2f} to {found['best']:.2f}" if low else f"{found['best']:.2f}"


def refits(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the Markdown table of figures with and without the refit."""
    heads = ("data", "rows", "split", "metric", "winner", "without refit", "with refit", "gain")
    return _markdown(heads, [_refit_cells(each) for each in rows])


def _refit_cells(found: Mapping[str, Any]) -> list[str]:
    spread = f" ({found['gain_low']:+.1f} to {found['gain_high']:+.1f})" if found["seeds"] > 1 else ""
    return [
        found["data"],
        f"{found['rows']:,}",
        "time" if found["timed"] else f"random, {found['seeds']} seeds",
        found["metric"],
        ", ".join(found["winners"]),
        f"{found['without']:.4g}",
        f"{found['with']:.4g}",
        f"{found['gain']:+.1f} %{spread}",
    ]


def _markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (heads, ["---"] * len(heads), *rows))
