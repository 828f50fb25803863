"""The report on an endpoint's live traffic as tables."""

from flows.commands.output import console, line, table
from tasks.references import LiveFigure, MonitoringReport, Span

WORST = 8
"""The most features that are shown."""


def show(report: MonitoringReport) -> None:
    """Print the verdict, the worst features, the quality of all rows, and the page."""
    line("span", f"{report.span.since:%Y-%m-%d %H:%M} to {report.span.until:%Y-%m-%d %H:%M} UTC")
    line("traffic", _traffic(report))
    line("verdict", report.verdict + (f", version {report.version}" if report.version is not None else ""))
    if report.features:
        _show_features(report)
    if known := [each for each in report.quality if not each.group]:
        _show_quality(known, report.span)
    if report.loss:
        line("loss", str(report.loss))
    line("report", report.uri)
    line("page", report.page or str(report.page_uri))


def _traffic(report: MonitoringReport) -> str:
    counts = report.counts
    others = {
        "refused": counts.refused_rows, "failed": counts.failed, "corrupt": counts.corrupt,
        "duplicates": counts.duplicates, "late files": counts.late_files,
    }  # fmt: skip
    shown = "".join(f", {count:,} {name}" for name, count in others.items() if count)
    return f"{counts.requests:,} requests, {counts.rows:,} rows{shown}"


def _show_features(report: MonitoringReport) -> None:
    rows = table("feature", "verdict", "PSI", "what moved", right=["PSI"])
    for each in report.features[:WORST]:
        rows.add_row(each.feature, each.verdict, f"{each.psi:.3f}", "; ".join((*each.moved, *each.not_judged)))
    console.print(rows)
    if len(report.features) > WORST:
        line("", f"and {len(report.features) - WORST} features that have moved less")


def _show_quality(figures: list[LiveFigure], span: Span) -> None:
    rows = table("metric", "kind", "time", "rows", "value", "interval", "training", right=["rows", "value", "training"])
    for each in sorted(figures, key=lambda one: (one.metric, one.kind, one.span.since)):
        interval = "" if each.low is None or each.high is None else f"{each.low:.4f} to {each.high:.4f}"
        rows.add_row(
            each.metric,
            each.kind,
            "the span" if each.span == span else f"{each.span.since:%G-W%V}",
            f"{each.rows:,}",
            f"{each.value:.4f}",
            interval,
            "" if each.reference is None else f"{each.reference:.4f}",
        )
    console.print(rows)
