import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from tasks.profiles.sketches import profile
from tasks.profiles.stored_profiles import Histogram, Profile
from tests.tasks.profiles.profile_support import CHANCE, batches


def test_a_stored_profile_is_read_and_compared_where_there_is_no_whylogs(tmp_path: Path) -> None:
    before = profile(batches(x=CHANCE.normal(size=500)), {"x": "number"}).summary()
    (tmp_path / "profile.json").write_text(before.model_dump_json())
    program = f"""
import sys
sys.modules["whylogs"] = sys.modules["whylogs_sketching"] = None  # an import of either raises ImportError
from tasks.profiles.drift import compare
from tasks.profiles.stored_profiles import Profile
found = Profile.model_validate_json(open({str(tmp_path / "profile.json")!r}).read())
print(found.rows, compare(found.columns["x"], found.columns["x"]).changes[0].psi)
try:
    import tasks.profiles.sketches
except ImportError:
    print("no whylogs")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["500 0.0", "no whylogs"]


def test_a_profile_of_a_later_version_is_refused() -> None:
    with pytest.raises(ValidationError, match="schema_version"):
        Profile.model_validate({"schema_version": 3, "rows": 1, "columns": {}})


def test_a_histogram_with_a_bound_too_few_is_refused() -> None:
    with pytest.raises(ValidationError, match="as many bounds as rows; found 1, 1 and 2"):
        Histogram(low=(1.0,), high=(1.0,), rows=(1, 2))
