"""The table of the drift benchmark: a row for each kind and shift, a column for each detector and size."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("drift.json")
MARKER = "drift"
NONE = "none"
PEERS = ("Evidently", "NannyML")

Cells = Sequence[Mapping[str, Any]]


def keep(cells: Cells) -> None:
    """Store the figures of the last run."""
    FILE.write_text(json.dumps(cells, indent=1) + "\n")


def kept() -> str:
    """The table of the last run, empty before the first one."""
    return table(json.loads(FILE.read_text())) if FILE.exists() else ""


def table(cells: Cells) -> str:
    """The table as Markdown: the share of the resamples with an alarm. Without a shift, an alarm is false."""
    sizes = list(dict.fromkeys((each["reference"], each["scored"]) for each in cells))
    found = {(each["kind"], each["shift"], (each["reference"], each["scored"])): each for each in cells}
    detectors = ("VishwaOps", *PEERS)
    heads = [head for before, after in sizes for head in (f"VishwaOps, {before:,} and {after:,} rows", *PEERS)]
    lines = [["column", "shift", *heads], ["---"] * (2 + len(heads))]
    for kind, shift in dict.fromkeys((each["kind"], each["shift"]) for each in cells):
        shown = [_shown(found.get((kind, shift, size), {}).get(name)) for size in sizes for name in detectors]
        lines.append([kind, shift, *shown])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _shown(rate: float | None) -> str:
    return "—" if rate is None else f"{rate:.1%}"
