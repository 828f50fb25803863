import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pydantic import ValidationError

from tasks.drift import psi
from tasks.monitor import judge
from tasks.profiles import Sketches, profile
from tasks.stored_profiles import CategoryProfile, NumberProfile, Profile
from tests.use_cases import small_use_case

CHANCE = np.random.default_rng(3)
TOLERANCE, ABSOLUTE_TOLERANCE = 0.05, 0.003
"""By how much a PSI from the stored document may differ from one from whylogs' sketches (tasks/README.md)."""


def batches(size: int = 1000, **columns: Any) -> Iterator[pa.RecordBatch]:
    yield from pa.table(columns).to_batches(max_chunksize=size)


def numbers(values: Any, size: int = 1000) -> NumberProfile:
    found = profile(batches(size, x=values), {"x": "number"}).summary().columns["x"]
    assert isinstance(found, NumberProfile)
    return found


def categories(values: Any) -> CategoryProfile:
    found = profile(batches(c=pa.array(values, pa.string())), {"c": "category"}).summary().columns["c"]
    assert isinstance(found, CategoryProfile)
    return found


def whylogs_sketch(made: Sketches) -> Any:
    """The quantile sketch of the column `x`, read from whylogs' own format."""
    from whylogs.core.view import DatasetProfileView  # only once tasks.profiles has made it work with numpy 2

    return DatasetProfileView.deserialize(made.to_bytes()).get_column("x").get_metric("distribution").kll.value


def exact_psi(before: np.ndarray, after: np.ndarray) -> float:
    edges = np.quantile(before, np.linspace(0, 1, 11)[1:-1])
    shares = [np.bincount(np.searchsorted(edges, part), minlength=10) / len(part) for part in (before, after)]
    return float(np.sum((shares[1] - shares[0]) * np.log(shares[1] / shares[0])))


def sketched_psi(before: Any, after: Any) -> float:
    """PSI from whylogs' own sketches, without the stored document."""
    shares = []
    edges = np.unique(before.get_quantiles(list(np.linspace(0, 1, 11)[1:-1])))
    alone = [before.get_rank(edge, True) - before.get_rank(edge, False) >= 0.1 for edge in edges]
    for sketch in (before, after):
        cuts = [sketch.get_rank(e, above) for e, atom in zip(edges, alone, strict=True) for above in {False, atom}]
        shares.append(np.maximum(np.diff([0.0, *sorted(cuts), 1.0]), 1e-4))
    return float(np.sum((shares[1] - shares[0]) * np.log(shares[1] / shares[0])))


@pytest.mark.parametrize(("shift", "verdict"), [(0.0, "stable"), (0.4, "warning"), (1.0, "drift")])
def test_psi_of_stored_profiles_is_that_of_the_values(shift: float, verdict: str) -> None:
    before, after = CHANCE.normal(size=20_000), CHANCE.normal(shift, size=20_000)
    found = psi(numbers(before), numbers(after))
    assert found.value == pytest.approx(exact_psi(before, after), rel=0.1, abs=0.005)
    assert judge(small_use_case().monitoring, found.value, found.noise) == verdict


@pytest.mark.parametrize("count", [400, 8_000])
@pytest.mark.parametrize("kind", ["normal", "few values", "skewed", "many zeros"])
@pytest.mark.parametrize("shift", [0.0, 0.3, 1.0])
def test_psi_of_stored_profiles_is_that_of_the_sketches(kind: str, shift: float, count: int) -> None:
    draw: Callable[[float], np.ndarray] = {
        "normal": lambda at: CHANCE.normal(at, size=count),
        "few values": lambda at: np.round(CHANCE.normal(at, size=count) * 2),
        "skewed": lambda at: np.exp(CHANCE.normal(at, size=count) * 2),
        "many zeros": lambda at: np.maximum(CHANCE.normal(at - 0.5, size=count), 0),
    }[kind]
    before, after = (profile(batches(x=draw(at)), {"x": "number"}) for at in (0.0, shift))
    stored = psi(before.summary().columns["x"], after.summary().columns["x"]).value
    expected = sketched_psi(whylogs_sketch(before), whylogs_sketch(after))
    assert stored == pytest.approx(expected, rel=TOLERANCE, abs=ABSOLUTE_TOLERANCE)


def test_a_value_that_was_rare_or_new_is_drift() -> None:
    assert psi(numbers(np.zeros(500)), numbers(np.ones(500))).value > 0.25
    mostly_zero = np.repeat([0.0, 1.0], [950, 50])
    assert psi(numbers(mostly_zero), numbers(mostly_zero)).value == 0
    assert psi(numbers(mostly_zero), numbers(1 - mostly_zero)).value > 1


def test_psi_of_categories_counts_missing_values_too() -> None:
    before, same = categories(["a"] * 60 + ["b"] * 40), categories(["b"] * 40 + ["a"] * 60)
    assert psi(before, same).value == pytest.approx(0, abs=1e-9)
    assert psi(before, categories(["a"] * 30 + ["b"] * 20 + [None] * 50)).value > 0.25
    assert psi(before, categories(["a"] * 60 + ["c"] * 40)).value > 0.25


def test_a_column_of_missing_values_differs_from_one_of_numbers() -> None:
    nothing, something = numbers(pa.nulls(50)), numbers(CHANCE.normal(size=50))
    assert (nothing.count, nothing.missing, nothing.distribution) == (50, 50, None)
    assert psi(nothing, nothing).value == 0
    assert psi(nothing, something).value > 1
    assert psi(something, nothing).value > 1


def test_numbers_are_not_compared_with_categories() -> None:
    with pytest.raises(ValueError, match="one type of column, found number and category"):
        psi(numbers([1.0]), categories(["1"]))


def test_the_document_has_the_figures_of_each_column() -> None:
    table = {
        "age": pa.array([18, None, 20, 22, 20]),
        "hours": pa.array([0.5, 1.5, float("nan"), float("inf"), None]),
        "colour": pa.array(["red", "green", "red", None, "red"]).dictionary_encode(),
    }
    content = profile(batches(2, **table), {"age": "integer", "hours": "number", "colour": "category"}).summary()
    assert json.loads(json.dumps(content.content())) == {
        "schema_version": 1,
        "rows": 5,
        "columns": {
            "age": {
                "type": "integer", "count": 5, "missing": 1, "distinct": 3,
                "distribution": {
                    "minimum": 18, "maximum": 22, "mean": 20, "stddev": pytest.approx(1.632993),
                    "points": [18, 20, 22], "below": [0, 0.25, 0.75], "up_to": [0.25, 0.75, 1],
                },
            },
            "hours": {
                "type": "number", "count": 5, "missing": 3, "distinct": 2,
                "distribution": {
                    "minimum": 0.5, "maximum": 1.5, "mean": 1, "stddev": pytest.approx(0.707107),
                    "points": [0.5, 1.5], "below": [0, 0.5], "up_to": [0.5, 1],
                },
            },
            "colour": {"type": "category", "count": 5, "missing": 1, "distinct": 2, "frequent": {"red": 3, "green": 1}},
        },
    }  # fmt: skip


def test_a_quantile_is_the_first_value_that_more_than_so_many_do_not_exceed() -> None:
    found = numbers(np.arange(1.0, 102.0)).distribution
    assert found
    assert [found.quantile(rank) for rank in (0.0, 0.5, 1.0)] == [1, 51, 101]
    assert [found.share_below(value) for value in (0, 1, 102)] == [0, 0, 1]
    assert found.share_below(50.5) == pytest.approx(50 / 101, abs=0.01)


@pytest.mark.parametrize("size", [1, 7, 500])
def test_the_size_of_the_batches_does_not_matter(size: int) -> None:
    values, words = CHANCE.normal(size=200), ["a", "b", None, "a"] * 50
    features = {"x": "number", "c": "category"}
    made = [profile(batches(part, x=values, c=words), features).summary() for part in (size, 200)]  # type: ignore[arg-type]
    assert made[0].columns["c"] == made[1].columns["c"]
    one, other = made[0].columns["x"], made[1].columns["x"]
    assert isinstance(one, NumberProfile)
    assert isinstance(other, NumberProfile)
    assert one.distribution
    assert other.distribution
    assert one.distribution.points == other.distribution.points
    assert one.distribution.stddev == pytest.approx(other.distribution.stddev)


def test_values_of_another_type_than_the_schemas_are_refused() -> None:
    with pytest.raises(pa.ArrowInvalid):
        profile(batches(x=["ten"]), {"x": "number"})


def test_a_column_that_was_not_requested_is_in_neither_form() -> None:
    made = profile(batches(x=[1.0], secret=["Ada Lovelace"]), {"x": "number"})
    assert b"Ada" not in made.to_bytes()
    assert "Ada" not in made.summary().model_dump_json()


def test_a_stored_profile_is_read_and_compared_where_there_is_no_whylogs(tmp_path: Path) -> None:
    before = profile(batches(x=CHANCE.normal(size=500)), {"x": "number"}).summary()
    (tmp_path / "profile.json").write_text(before.model_dump_json())
    program = f"""
import sys
sys.modules["whylogs"] = sys.modules["whylogs_sketching"] = None  # an import of either raises ImportError
from tasks.drift import psi
from tasks.stored_profiles import Profile
found = Profile.model_validate_json(open({str(tmp_path / "profile.json")!r}).read())
print(found.rows, psi(found.columns["x"], found.columns["x"]).value)
try:
    import tasks.profiles
except ImportError:
    print("no whylogs")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["500 0.0", "no whylogs"]


def test_a_profile_of_a_later_version_is_refused() -> None:
    with pytest.raises(ValidationError, match="schema_version"):
        Profile.model_validate({"schema_version": 2, "rows": 1, "columns": {}})


def test_few_rows_of_one_population_are_no_drift() -> None:
    verdicts = []
    for _ in range(60):
        found = psi(numbers(CHANCE.normal(size=400)), numbers(CHANCE.normal(size=100)))
        verdicts.append((judge(small_use_case().monitoring, found.value, found.noise), found.value > 0.1))
    assert sum(above for _, above in verdicts) > 20, "the noise is above the warning limit: that is why it is looked at"
    assert [verdict for verdict, _ in verdicts].count("stable") >= 58


def test_many_rows_take_no_loop_over_them() -> None:
    frame = pd.DataFrame({"x": CHANCE.normal(size=300_000), "c": CHANCE.choice(list("abcdef"), 300_000)})
    begun = time.process_time()
    profile(batches(65_536, **{name: pa.array(frame[name]) for name in frame}), {"x": "number", "c": "category"})
    assert time.process_time() - begun < 1, "a loop over the rows takes several seconds"
