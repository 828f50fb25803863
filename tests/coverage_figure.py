"""Puts the measured coverage into a README: `coverage json -o - | python -m tests.coverage_figure README.md`."""

import json
import re
import sys
from pathlib import Path
from typing import Any

PACKAGES = ("config", "tasks", "flows", "sagemaker_scripts")
MARKS = re.compile(r"(<!-- coverage -->\n).*?(<!-- /coverage -->)", re.S)
"""The figure is between these two lines."""


def figure(report: dict[str, Any]) -> str:
    """Return one line: the share of covered lines and branches, in total and per package, in percent."""
    shares = ", ".join(f"`{name}` {_share(report['files'], name):.1f} %" for name in PACKAGES)
    return f"The tests run {report['totals']['percent_covered']:.1f} % of lines and branches: {shares}."


def _share(files: dict[str, Any], package: str) -> float:
    summaries = [file["summary"] for name, file in files.items() if Path(name).parts[0] == package]
    run = sum(each["covered_lines"] + each["covered_branches"] for each in summaries)
    whole = sum(each["num_statements"] + each["num_branches"] for each in summaries)
    return 100 * run / whole if whole else 100.0


def inserted(text: str, line: str) -> str:
    """Return `text` with `line` between its marks. Raises ValueError without marks."""
    if not MARKS.search(text):
        raise ValueError("expected <!-- coverage --> and <!-- /coverage --> on lines of their own, found neither")
    return MARKS.sub(rf"\g<1>{line}\n\g<2>", text)


if __name__ == "__main__":
    readme = Path(sys.argv[1])
    readme.write_text(inserted(readme.read_text(), figure(json.load(sys.stdin))))
