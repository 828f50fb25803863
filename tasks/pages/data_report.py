"""The page of a validation: what was checked, what failed, examples, and the history of versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.use_case import UseCase
from tasks.pages.templates import render
from tasks.rows.history import EarlierVersion

WIDTH, HEIGHT, MARGIN = 640, 150, 24
"""The drawing area of the history, in units of the SVG, and the room for texts above and below the bars."""


@dataclass(frozen=True)
class Bar:
    """One version in the picture of the history."""

    version: EarlierVersion
    x: float
    width: float
    height: float
    bad_height: float
    """The height of the part for quarantined rows."""
    this: bool

    @property
    def label(self) -> str:
        """The version, as a tooltip."""
        return (
            f"{self.version.dataset}, {self.version.validated_at:%d %B %Y}: {self.version.rows:,} rows, "
            f"{self.version.share:.1%} in quarantine"
        )


def data_report(use_case: UseCase, report: Mapping[str, Any], earlier: Sequence[EarlierVersion]) -> str:
    """Return the HTML of a report of `validate`, with the history of earlier versions, oldest first."""
    this = EarlierVersion(report["dataset"], report["validated_at"], report["rows"], report["quarantined"])
    return render(
        "data_report.html.j2",
        use_case=use_case,
        report=report,
        failed=[check for check in report["checks"] if not check["passed"]],
        versions=[*earlier, this],
        bars=bars([*earlier, this]),
        width=WIDTH,
        height=HEIGHT,
        margin=MARGIN,
    )


def bars(versions: Sequence[EarlierVersion]) -> list[Bar]:
    """Return a bar for each version: its height is its number of rows."""
    most = max((version.rows for version in versions), default=0) or 1
    slot = WIDTH / max(len(versions), 8)
    return [
        Bar(
            version,
            number * slot + slot * 0.15,
            slot * 0.7,
            HEIGHT * version.rows / most,
            HEIGHT * version.quarantined / most,
            version is versions[-1],
        )
        for number, version in enumerate(versions)
    ]
