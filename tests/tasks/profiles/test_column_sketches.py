"""The sketches of a column."""

import subprocess
import sys

from tests.flows.conftest import PROJECT
from tests.patience import PATIENCE

EIGHT_THREADS = """
import sys, threading
sys.setswitchinterval(1e-7)  # so that another thread runs within the library's first import
import numpy as np
from tasks.profiles.column_sketches import NumberSketches
begin, values = threading.Barrier(8), np.arange(10.0)
def fill():
    sketches = NumberSketches()
    begin.wait()
    sketches.add(values, values)
    assert sketches.estimate == 10
threads = [threading.Thread(target=fill) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("filled")
"""


def test_threads_that_are_the_first_to_profile_do_not_wait_for_each_other_for_ever() -> None:
    done = subprocess.run(
        [sys.executable, "-c", EIGHT_THREADS], cwd=PROJECT, text=True, capture_output=True, timeout=PATIENCE / 5
    )
    assert done.stdout == "filled\n", done.stderr
