"""The windows of validated rows, through the split, and of new rows at any moment."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tasks.rows import shards, stored_rows
from tasks.split import split
from tasks.storage import get_json
from tasks.windows.frames import with_computed
from tasks.windows.history import History, microseconds
from tests.tasks.test_split import stored
from tests.tasks.windows.histories import DERIVED, WINDOWS, batches, case, history


def slow(rows: pd.DataFrame, name: str, student: str, passed: str, at: pd.Timestamp) -> float:
    """A window of a row of this student at this time, by pandas."""
    window = WINDOWS[name]
    earlier = rows[(rows.student == student) & (rows.taken_at < at)]
    if "passed" in window["key"]:
        earlier = earlier[earlier.passed == passed]
    if "days" in window:
        earlier = earlier[earlier.taken_at >= at - pd.Timedelta(days=window["days"])]
    if name == "exams":
        return len(earlier)
    if name == "days_since":
        return float((at - earlier.taken_at.max()) / pd.Timedelta(days=1))
    values = (earlier.passed == "yes").astype(float) if window["of"] == "did_pass" else earlier.hours
    if name == "last_hours":
        last = earlier[earlier.hours.notna()]
        return float(last.hours[last.taken_at == last.taken_at.max()].max())
    return float({"mean": values.mean, "sum": lambda: values.sum(min_count=1), "min": values.min, "max": values.max}[
        window["aggregate"]
    ]())  # fmt: skip


def test_every_window_of_every_row_equals_pandas() -> None:
    rows = history(90, students=4)
    found = History(case(), WINDOWS, batches(rows, 40)).own_values()
    for name in WINDOWS:
        keys = zip(rows.student, rows.passed, rows.taken_at, strict=True)
        expected = [slow(rows, name, *row) for row in keys]
        assert found[name].to_pandas().tolist() == pytest.approx(expected, rel=1e-12, nan_ok=True), name
        assert 0 < pd.isna(expected).sum() < 80 or name == "exams"


def test_a_new_row_gets_what_training_computes_for_a_row_of_its_key_and_moment() -> None:
    rows = history()
    at = pd.Timestamp("2026-02-10T09:30:00")
    new = rows.head(12).assign(student=[f"s{number}" for number in range(11)] + ["new"], taken_at=at)
    online = History(case(), WINDOWS, batches(rows))
    training = History(case(), WINDOWS, batches(pd.concat([rows, new], ignore_index=True))).own_values()
    asked = batches(new)[0]
    for name in WINDOWS:
        assert online.values(name, asked, microseconds(asked["taken_at"])).equals(training[name][len(rows) :]), name
        assert online.values(name, asked, microseconds(asked["taken_at"]))[11].as_py() in (None, 0)


def test_the_order_of_the_rows_changes_no_value() -> None:
    rows = history()
    one, other = (with_computed(case(), each) for each in (rows, rows.sample(frac=1, random_state=1)))
    pd.testing.assert_frame_equal(one, other.sort_index())


def test_a_split_stores_windows_as_columns_and_its_test_rows_look_back_into_the_training_rows(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, rows = case(), history()
    monkeypatch.setattr(stored_rows, "BATCH_ROWS", 70)
    parts = split.fn(own, stored(bucket, rows))
    uris = (parts.train_uri, parts.validation_uri, parts.test_uri)
    found = [pa.Table.from_batches(list(shards.batches(uri))).to_pandas() for uri in uris]
    expected = with_computed(own, rows).drop(columns=list(DERIVED)).set_index("id")
    together = pd.concat(found).set_index("id").sort_index()
    pd.testing.assert_frame_equal(together, expected[list(together)], check_dtype=False)
    assert found[2].taken_at.min() > found[0].taken_at.max()
    assert found[2].last_hours.notna().all(), "the rows of each student before are training or validation rows"
    features = get_json(f"{parts.contract_uri}/contract.json")["features"]
    assert [each["name"] for each in features] == list(own.request_columns)


def test_no_value_of_the_row_itself_or_of_a_later_one_enters() -> None:
    rows = history()
    place = int(np.argsort(rows.taken_at.to_numpy())[150])
    changed = rows.copy()
    later = changed.taken_at >= changed.taken_at[place]
    changed.loc[later, "hours"] = 1e6
    changed.loc[later, "passed"] = "yes"
    names = [name for name in WINDOWS if name != "most_hours"]  # its key has the changed column
    before, after = (with_computed(case(), each).loc[place, names] for each in (rows, changed))
    assert before.equals(after)
