"""Rows to score get the windows that training computes for rows of their key and time."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from config.errors import MissingInput, SourceError
from config.use_case import UseCase
from tasks.batch.intake import read_rows as read_many
from tasks.batch.sources import open_scored
from tasks.rows.input_rows import check_rows, read_rows
from tasks.sources.with_windows import computed
from tasks.windows.frames import with_computed
from tests.tasks.windows.histories import case, history, validated

NAMES = ("pass_rate", "mean_hours", "exams")


def new_rows() -> pd.DataFrame:
    """Rows without a target; the third is of a student without a history, the last has no readable time."""
    at = ["2026-02-03T08:00:00", "2026-04-20T08:00:00", "2026-02-03T08:00:00", "2026-02-03T08:00:00", "soon"]
    return pd.DataFrame({"id": range(901, 906), "student": ["s1", "s1", "new", "s2", "s2"], "taken_at": at, "hours": 1})


def written(folder: Path, rows: pd.DataFrame) -> str:
    rows.to_csv(folder / "rows.csv", index=False)
    return str(folder / "rows.csv")


def trained(own: UseCase, rows: pd.DataFrame) -> pd.DataFrame:
    """The windows that training computes for the readable new rows, each of them alone after the history."""
    new = new_rows()[:4].assign(passed="no")
    new = new.astype({"id": "Int64", "student": "string", "taken_at": "datetime64[us]", "hours": float})
    found = [with_computed(own, pd.concat([rows, new[row : row + 1]], ignore_index=True)).iloc[-1:] for row in range(4)]
    return pd.concat(found)[list(NAMES)]


def test_rows_get_the_windows_of_the_newest_history_at_their_own_time(bucket: str, tmp_path: Path) -> None:
    own, rows = case(*NAMES, name="windows_scored"), history()
    validated(own, history(10, seed=9))
    validated(own, rows)
    opened = open_scored(own, written(tmp_path, new_rows()))
    many = list(read_many(own, opened))
    expected = trained(own, rows)
    good = pa.Table.from_batches([each.good for each in many]).to_pandas()[list(NAMES)]
    assert good.to_numpy(float).tolist() == pytest.approx(expected.to_numpy(float), nan_ok=True)
    assert good["exams"].tolist()[2] == 0
    assert good["mean_hours"].isna().tolist() == [False, True, True, False]
    [reasons] = many[0].bad["reasons"].to_pylist()
    assert [(each.partition(" such as ")[0], each[-14:]) for each in reasons] == [
        ("taken_at: expected a date and time", ", found 'soon'")
    ]
    frame, refused = check_rows(own, next(read_rows(own, str(tmp_path / "rows.csv"))))
    assert frame[list(NAMES)].to_numpy(float).tolist() == pytest.approx(expected.to_numpy(float), nan_ok=True)
    assert list(refused) == [4]
    before = opened.fingerprint()
    validated(own, rows[:100])
    assert opened.fingerprint() != before, "scoring again by a newer history is not the same"


def test_windows_that_a_file_has_are_taken_as_they_are(bucket: str, tmp_path: Path) -> None:
    own = case(*NAMES, name="windows_given")
    given = new_rows()[:2].assign(pass_rate=[0.25, None], mean_hours=2, exams=[3, 4])
    frame, refused = check_rows(own, next(read_rows(own, written(tmp_path, given))))
    assert not refused
    assert frame["pass_rate"].isna().tolist() == [False, True]
    assert frame["exams"].tolist() == [3, 4]


def test_windows_without_a_history_or_without_key_and_time_are_refused(bucket: str, tmp_path: Path) -> None:
    own = case(*NAMES, name="windows_refused")
    with pytest.raises(MissingInput, match=r"windows \(pass_rate, mean_hours, exams\): expected validated rows"):
        next(read_rows(own, written(tmp_path, new_rows())))
    with pytest.raises(SourceError, match="'pass_rate' is a window: give its value, or the columns student, taken_at"):
        list(read_many(own, open_scored(own, written(tmp_path, new_rows().drop(columns="student")))))


def test_a_window_is_computed_only_where_it_is_absent_and_its_key_and_time_are_there() -> None:
    own = case(*NAMES, name="windows_computed")
    assert set(computed(own, ["student", "taken_at", "hours", "exams"])) == {"pass_rate", "mean_hours"}
    assert not computed(own, ["student", "hours"])
