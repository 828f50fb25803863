import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from tasks.profiles.sketches import profile
from tasks.profiles.stored_profiles import Profile
from tests.tasks.profiles.profile_support import CHANCE, batches, numbers


def test_a_quantile_is_the_first_value_that_more_than_so_many_do_not_exceed() -> None:
    found = numbers(np.arange(1.0, 102.0)).distribution
    assert found
    assert [found.quantile(rank) for rank in (0.0, 0.5, 1.0)] == [1, 51, 101]
    assert [found.share_below(value) for value in (0, 1, 102)] == [0, 0, 1]
    repeated = numbers([1.0, 1.0, 2.0, 2.0, 3.0]).distribution
    assert repeated
    assert [repeated.quantile(rank) for rank in (0.2, 0.4, 0.6, 0.8)] == [1, 2, 2, 3]
    assert found.share_below(50.5) == pytest.approx(50 / 101, abs=0.01)


def test_a_stored_profile_is_read_and_compared_where_there_is_no_whylogs(tmp_path: Path) -> None:
    before = profile(batches(x=CHANCE.normal(size=500)), {"x": "number"}).summary()
    (tmp_path / "profile.json").write_text(before.model_dump_json())
    program = f"""
import sys
sys.modules["whylogs"] = sys.modules["whylogs_sketching"] = None  # an import of either raises ImportError
from tasks.profiles.drift import psi
from tasks.profiles.stored_profiles import Profile
found = Profile.model_validate_json(open({str(tmp_path / "profile.json")!r}).read())
print(found.rows, psi(found.columns["x"], found.columns["x"]).value)
try:
    import tasks.profiles.sketches
except ImportError:
    print("no whylogs")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["500 0.0", "no whylogs"]


def test_a_profile_of_a_later_version_is_refused() -> None:
    with pytest.raises(ValidationError, match="schema_version"):
        Profile.model_validate({"schema_version": 2, "rows": 1, "columns": {}})
