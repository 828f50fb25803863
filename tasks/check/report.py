"""Checks a use case against a sample of its source: what would stop a run, and what a person should know."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from config.errors import ConfigError, GateError, SourceError
from config.use_case import UseCase
from tabular.dates import suggest_formats
from tabular.features import unusable
from tabular.suggestions import listed
from tasks.check.rows import JudgedRows, judged_rows
from tasks.rows import suites
from tasks.rows.suites import Suite
from tasks.sources import source_of
from tasks.sources.samples import Sample, sample
from tasks.sources.source import headers_of
from tasks.split_checks import PARTS
from tasks.split_trial import tried_split
from tasks.windows.frames import with_computed

DATES = 0.95
"""The least share of dates in a category that is reported to be a date."""
IDENTIFYING, LEAST_ROWS = 0.5, 20
"""The least share of different values in a category that is reported to name people, and the least number of rows."""


@dataclass
class Report:
    """The results of a check."""

    use_case: str
    read: str = "nothing"
    """What was read of the source."""
    problems: list[str] = field(default_factory=list)
    """What would stop a run."""
    notes: list[str] = field(default_factory=list)
    """What a person should know."""
    rows: JudgedRows | None = None
    parts: dict[str, int] = field(default_factory=dict)
    """The number of the sample's rows in each part of the split."""


def checked(use_case: UseCase, location: str | None) -> Report:
    """Check a use case on a sample of its source, or of the file at `location`. No cloud is needed."""
    report = Report(use_case.name)
    suite = _suite(use_case, report)
    try:
        source = source_of(use_case, location)
        read = sample(source, location or getattr(use_case.source, "location", None))
        report.read = read.described
        report.notes += _left_out(use_case, read)
        report.rows = judged_rows(use_case, source, read, suite)
    except (SourceError, ConfigError) as error:
        report.problems.append(str(error))
        return report
    _check_rows(use_case, read, report.rows, report)
    return report


def _suite(use_case: UseCase, report: Report) -> Suite:
    try:
        return suites.load_suite(use_case)
    except ConfigError as error:
        report.problems.append(str(error))
        return suites.build_suite(use_case)


def _check_rows(use_case: UseCase, read: Sample, rows: JudgedRows, report: Report) -> None:
    report.problems += _quality(use_case, read, rows)
    (report.problems if read.whole else report.notes).extend(rows.stopped)
    report.notes += [*_categories(use_case, read, rows.good), *_dates(use_case, rows.good)]
    report.notes += _names_of_people(use_case, rows.good)
    if rows.without_target:
        report.notes.append(f"target: {rows.without_target:,} rows have none: they are scored, but not trained on")
    try:
        parts = tried_split(use_case, rows.good)
        report.parts = dict(zip(PARTS, map(len, parts), strict=True))
        good = with_computed(use_case, rows.good)
        report.notes += _windows(use_case, good)
        _check_features(use_case, good.iloc[parts[0]], report)
    except GateError as error:
        (report.problems if read.whole else report.notes).append(str(error).removeprefix(f"{use_case.name}: "))


def _quality(use_case: UseCase, read: Sample, rows: JudgedRows) -> Iterator[str]:
    quality, share = use_case.quality, rows.quarantined_share
    if share > quality.maximum_quarantined_share:
        yield f"quality: expected at most {quality.maximum_quarantined_share:.1%} quarantined rows, found {share:.1%}"
    if read.whole and len(rows.good) < quality.minimum_rows:
        yield f"quality: expected at least {quality.minimum_rows:,} good rows, found {len(rows.good):,}"


def _left_out(use_case: UseCase, read: Sample) -> Iterator[str]:
    found = headers_of(read.batches[0].schema) if read.batches else []
    known = {*use_case.headers.values(), *use_case.known_only_afterwards}
    if others := [header for header in found if header not in known]:
        yield f"columns: the source also has {listed(others)}, which are not read"


def _names_of_people(use_case: UseCase, good: pd.DataFrame) -> Iterator[str]:
    """Yield the features whose values tell the rows apart: profiles and pages show the values of a category."""
    for name in (each for each in use_case.inputs if each in use_case.columns):
        column, values = use_case.columns[name], good[name].dropna()
        if column.type != "category" or column.sensitive or column.categories or len(values) < LEAST_ROWS:
            continue
        if (distinct := values.nunique()) > IDENTIFYING * len(values):
            yield (
                f"{name}: {distinct:,} different values in {len(values):,} rows. They may name people, and profiles "
                "and pages show them: mark the column `sensitive: true`, or leave it out of the features"
            )


def _categories(use_case: UseCase, read: Sample, good: pd.DataFrame) -> Iterator[str]:
    for name, column in use_case.columns.items():
        if column.categories is None or not read.whole:
            continue
        if unseen := [each for each in column.categories if not (good[name] == each).any()]:
            shown = f"{len(unseen)} of them" if column.sensitive else ", ".join(unseen)
            yield f"columns.{name}.categories: no row has {shown}"


def _dates(use_case: UseCase, good: pd.DataFrame) -> Iterator[str]:
    for name, column in use_case.columns.items():
        if column.type != "category" or column.categories:
            continue
        texts = good[name].dropna().unique().tolist()
        count, keys = suggest_formats(texts) if texts else (0, "")
        if keys and count >= DATES * len(texts):
            yield f"columns.{name}: its texts are dates, which sort as texts. Write {keys}"


def _windows(use_case: UseCase, good: pd.DataFrame) -> Iterator[str]:
    for name, window in use_case.windows.items():
        without = (good[name] == 0) if window.aggregate == "count" else good[name].isna()
        if share := without.mean():
            yield f"windows.{name}: {share:.1%} of the rows have nothing to compute it from before their {window.time}"


def _check_features(use_case: UseCase, train: pd.DataFrame, report: Report) -> None:
    found = unusable(train, use_case.inputs)
    if len(found) == len(use_case.inputs):
        report.problems.append(f"features: expected one that differs between the training rows, found {_shown(found)}")
    elif found:
        report.notes.append(f"features: trained without {_shown(found)}")


def _shown(found: Mapping[str, str]) -> str:
    return ", ".join(f"{name} ({why})" for name, why in found.items())
