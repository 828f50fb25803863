"""Figures and comparisons of versions, from their files."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from config.use_case import UseCase
from tasks.landing.comparison import compare
from tasks.landing.statistics import OTHER, Bar, statistics
from tasks.model_contract import MALFORMED
from tests.tasks.landing.support import case, rows

COLUMNS: dict[str, Any] = {
    "id": {"type": "integer"},
    "age": {"type": "integer", "nullable": True},
    "passed": {"type": "category", "categories": ["no", "yes"]},
    "origin": {"type": "category", "sensitive": True},
    "city": {"type": "category"},
    "seen": {"type": "date"},
}


@pytest.fixture
def use_case() -> UseCase:
    return case("figures", columns=COLUMNS)


def files(folder: Path, *frames: pd.DataFrame) -> list[Path]:
    """The Parquet files of frames, which get the columns that ids alone do not decide."""
    paths = []
    for number, frame in enumerate(frames):
        days = pd.Timestamp("2026-01-01") + pd.to_timedelta(frame["id"], unit="D")
        sound = pd.Series([None] * len(frame), index=frame.index, dtype="string")
        full = frame.assign(seen=days.astype("datetime64[us]"), **{MALFORMED: sound})
        paths.append(folder / f"{number}.parquet")
        full.assign(origin="secret", city=[f"city {each % 13}" for each in frame["id"]]).to_parquet(paths[-1])
    return paths


def test_columns_have_nulls_range_mean_and_a_histogram(use_case: UseCase, tmp_path: Path) -> None:
    frame = rows(*range(100))
    frame["age"] = frame["age"].where(frame["id"] != 7).astype("Int64")
    found = {each.name: each for each in statistics(use_case, files(tmp_path, frame[:50], frame[50:]))}
    number = found["id"]
    assert (number.rows, number.nulls, number.distinct) == (100, 0, 100)
    assert (number.minimum, number.mean, number.maximum) == ("0", "49.5", "99")
    assert [bar.rows for bar in number.histogram] == [10] * 10
    assert found["age"].nulls == 1
    assert found["passed"].histogram == (Bar("yes", 100),)
    assert found["seen"].histogram[0].label == "from 2026-01-01"
    city = found["city"].histogram
    assert (len(city), city[-1].label, sum(bar.rows for bar in city)) == (11, OTHER, 100)


def test_a_sensitive_column_has_counts_and_no_values(use_case: UseCase, tmp_path: Path) -> None:
    found = {each.name: each for each in statistics(use_case, files(tmp_path, rows(1, 2)))}
    origin = found["origin"]
    assert (origin.sensitive, origin.rows, origin.distinct) == (True, 2, 1)
    assert "secret" not in repr(origin)


def test_rows_are_compared_by_key(use_case: UseCase, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    before = files(tmp_path, rows(1, 2, 3, 4))
    changed = rows(3, 4, 5)
    changed.loc[changed["id"] == 4, "age"] = 99
    found = compare(use_case, before, files(tmp_path / "new", changed))
    assert found.rows is not None
    assert (found.rows.added, found.rows.removed, found.rows.changed, found.rows.unchanged) == (1, 2, 1, 1)
    assert found.rows.by_column == {"age": 1}


def test_rows_whose_key_repeats_are_compared_by_their_figures_only(use_case: UseCase, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    found = compare(use_case, files(tmp_path, rows(1, 1)), files(tmp_path / "new", rows(1).assign(more=1)))
    assert (found.rows, found.why_not) == (None, "the key repeats in 1 rows of the version before")
    assert found.columns_added == ("more",)
    assert {old.name: (old.rows, new.rows) for old, new in found.figures}["id"] == (2, 1)
