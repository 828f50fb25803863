"""Profiles of parts in several processes, and sketches merged."""

import pickle
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from config.errors import ProcessFailed
from tasks.profiles import parallel, whylogs_views
from tasks.profiles.sketches import profile
from tasks.profiles.stored_profiles import Profile
from tests.tasks.profiles.profile_parts import FEATURES, failing, killed, part, rows

Broken = Callable[[int], Iterator[pa.RecordBatch]]


def exact(found: Profile) -> dict[str, object]:
    """The profile without what whylogs' sketches estimate, and means to 12 digits."""
    content = found.content()
    for column in content["columns"].values():
        if not column.get("complete", True):
            del column["frequent"]
        if distribution := column.get("distribution"):
            distribution |= {name: float(f"{distribution[name]:.12g}") for name in ("mean", "stddev")}
    return content


@pytest.fixture(scope="module")
def at_once() -> Profile:
    return profile((batch for place in range(3) for batch in part(place)), FEATURES).summary()


def test_processes_count_what_one_process_counts(at_once: Profile) -> None:
    found = parallel.profile_parts([partial(part, place) for place in range(3)], FEATURES, processes=2)
    assert exact(found.summary()) == exact(at_once)


def test_row_groups_count_what_the_rows_count(tmp_path: Path, at_once: Profile) -> None:
    with pq.ParquetWriter(tmp_path / "rows.parquet", rows(0).schema) as writer:
        for place in range(3):
            writer.write_table(rows(place), row_group_size=6_000)
    assert exact(parallel.profile_parquet(tmp_path / "rows.parquet", FEATURES, processes=1).summary()) == exact(at_once)


def test_merged_sketches_count_what_one_profile_counts_in_any_order(at_once: Profile) -> None:
    parts = [profile(part(place), FEATURES) for place in range(3)]
    sent = [pickle.loads(pickle.dumps(each)) for each in parts]  # noqa: S301
    assert exact(sent[0].merged(sent[1:]).summary()) == exact(at_once)
    assert exact(sent[2].merged([sent[1], sent[0]]).summary()) == exact(at_once)
    assert exact(sent[0].summary()) == exact(parts[0].summary()), "a merge does not change its parts"


def test_merged_whylogs_views_have_all_rows() -> None:
    from whylogs.core.view import DatasetProfileView  # after whylogs_views, which prepares NumPy for it

    parts = [profile(part(place), FEATURES) for place in range(2)]
    content = whylogs_views.merged([each.to_bytes() for each in parts])
    view = DatasetProfileView.deserialize(content).get_column("x")
    assert view.get_metric("counts").n.value == 40_000
    assert view.get_metric("distribution").avg == pytest.approx(0.5, abs=0.02)
    assert view.get_metric("distribution").kll.value.get_quantile(0.5) == pytest.approx(0.5, abs=0.05)
    assert view.get_metric("cardinality").estimate == pytest.approx(40_000, rel=0.06)


@pytest.mark.parametrize(
    ("broken", "message"),
    [(killed, "its process ended with status -9"), (failing, "OSError: the file is cut off")],
)
def test_a_killed_or_failing_process_is_one_clear_error(
    broken: Callable[[int], Iterator[pa.RecordBatch]], message: str
) -> None:
    with pytest.raises(ProcessFailed, match=f"Part 2 of 2 .*{message}"):
        parallel.profile_parts([partial(part, 0), partial(broken, 1)], FEATURES, processes=2)
