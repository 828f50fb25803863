"""The table of all cells of the serving benchmark: a row for each batch size and number of connections."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("serving.json")
MARKER = "serving"

Cells = Sequence[Mapping[str, Any]]
Started = Mapping[str, Mapping[str, float]]


def keep(cells: Cells, started: Started, limit: Mapping[int, float]) -> None:
    """Store the figures of the last run."""
    FILE.write_text(json.dumps({"cells": cells, "started": started, "limit": limit}, indent=1) + "\n")


def kept() -> str:
    """The table of the last run, empty before the first one."""
    return table(**json.loads(FILE.read_text())) if FILE.exists() else ""


def table(cells: Cells, started: Started, limit: Mapping[Any, float]) -> str:
    """The table as Markdown."""
    found = {(each["server"], each["batch"], each["connections"]): each for each in cells}
    servers = list(started)
    lines = [["rows", "connections", *servers], ["---"] * (2 + len(servers))]
    for batch, connections in dict.fromkeys((each["batch"], each["connections"]) for each in cells):
        shown = [_cell(found[server, batch, connections]) for server in servers]
        lines.append([f"{batch:,}", str(connections), *shown])
    lines.append(["start, s", "", *(f"{started[server]['start_seconds']:.1f}" for server in servers)])
    lines.append(["idle memory, MB", "", *(f"{started[server]['idle_mb']:.0f}" for server in servers)])
    rows = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    alone = "; ".join(f"{int(rows):,} {_row(rows)} {1e3 * seconds:.3g} ms" for rows, seconds in limit.items())
    return f"{rows}\n\n`Booster.inplace_predict` alone, one thread: {alone}.\n"


def _row(rows: Any) -> str:
    return "row" if int(rows) == 1 else "rows"


def _cell(cell: Mapping[str, Any]) -> str:
    """Requests per second, median and 99th percentile."""
    per_second = cell["per_second"]
    rate = f"{per_second:,.0f}" if per_second >= 10 else f"{per_second:.1f}"
    return f"{rate}/s, {_ms(cell['median_ms'])} / {_ms(cell['p99_ms'])} ms"


def _ms(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"
