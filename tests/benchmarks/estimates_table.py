"""The table of the benchmark of estimates: a row for each panel, part and metric, a column for each estimator."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("estimates.json")
MARKER = "estimates"
OURS, NANNYML, ATC, DOC, UNCHANGED = "VishwaOps", "NannyML", "ATC", "DoC", "as at training"
ESTIMATORS = (OURS, NANNYML, ATC, DOC, UNCHANGED)
PARTS = ("years", "subgroups")

Cells = Sequence[Mapping[str, Any]]


def keep(cells: Cells) -> None:
    """Store the figures of the last run."""
    FILE.write_text(json.dumps(cells, indent=1) + "\n")


def kept() -> str:
    """The table of the last run, empty before the first one."""
    return table(json.loads(FILE.read_text())) if FILE.exists() else ""


def table(cells: Cells) -> str:
    """The table as Markdown: mean absolute errors, and how often the interval has the truth."""
    lines = [["panel", "of", "metric", "samples", *ESTIMATORS, "truth within our 95 %"], ["---"] * 10]
    for cell in cells:
        errors = [_shown(cell.get(name)) for name in ESTIMATORS]
        known = [cell["panel"], cell["part"], cell["metric"], str(cell["samples"])]
        lines.append([*known, *errors, f"{cell['within']:.0%}"])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _shown(error: float | None) -> str:
    return "—" if error is None else f"{error:.3f}"
