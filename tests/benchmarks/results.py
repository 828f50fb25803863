"""The stored figures, and their tables in READMEs, between markers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("results.json")


def kept() -> list[dict[str, Any]]:
    """Every stored figure."""
    return list(json.loads(FILE.read_text())) if FILE.exists() else []


def keep(subject: str, rows: list[dict[str, Any]]) -> None:
    """Replaces a subject's figures."""
    others = [row for row in kept() if row["subject"] != subject]
    every = sorted([*others, *rows], key=lambda row: str(row["subject"]))
    FILE.write_text(json.dumps(every, indent=1) + "\n")


def line(row: dict[str, Any]) -> str:
    """A figure as a line of progress."""
    mark = "holds" if row["holds"] else "MISSED"
    return (
        f"{row['what']}: {_number(row['ours'])} {row['unit']}, {row['beside']} {_number(row['theirs'])} {row['unit']} "
        f"(goal: {row['goal']}; {mark})"
    )


def table(rows: list[dict[str, Any]]) -> str:
    """The figures as a Markdown table."""
    head = "| what | ours | beside | theirs | ours / theirs | goal |\n|---|---|---|---|---|---|\n"
    return head + "".join(
        f"| {row['what']} | {_number(row['ours'])} {row['unit']} | {row['beside']} | {_number(row['theirs'])} "
        f"{row['unit']} | {_number(row['ratio'])} | {row['goal']}{'' if row['holds'] else ' — **missed**'} |\n"
        for row in rows
    )


def inserted(text: str, rows: list[dict[str, Any]], marker: str = "benchmarks") -> str:
    """Returns the text with the table between its markers. A text without markers does not change."""
    return replaced(text, table(rows), marker)


def replaced(text: str, block: str, marker: str) -> str:
    """Returns the text with the block between its markers. A text without markers does not change."""
    begin, end = f"<!-- {marker} -->", f"<!-- /{marker} -->"
    return re.sub(f"{begin}.*?{end}", lambda _: f"{begin}\n{block}{end}", text, flags=re.DOTALL)


def _number(value: float | None) -> str:
    if value is None:
        return "—"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
