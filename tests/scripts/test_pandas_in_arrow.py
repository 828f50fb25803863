"""Arrow imports pandas for its first conversion, unless that is disabled."""

import subprocess
import sys

import pandas as pd
import pyarrow as pa

from tabular import pandas_in_arrow

PROGRAM = """
import sys
import pyarrow as pa
from tabular import pandas_in_arrow

pandas_in_arrow.disable()
assert pa.array([1, None]).to_numpy(zero_copy_only=False).shape == (2,)
assert "pandas" not in sys.modules
import pandas as pd  # other code may import it
pandas_in_arrow.disable()  # does nothing now
from tabular import series
from tabular.columns import Column
assert pa.array(pd.Series([float("nan")])).null_count == 1  # recognised as pandas'
assert series.typed(pd.Series(["1", None], dtype="string"), Column("x", "integer"))[0].tolist()[0] == 1
"""


def test_arrow_works_without_pandas_and_with_it_when_an_adapter_is_imported() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_process_that_has_imported_pandas_keeps_it() -> None:
    pandas_in_arrow.disable()
    assert pa.array(pd.Series([float("nan")])).null_count == 1
