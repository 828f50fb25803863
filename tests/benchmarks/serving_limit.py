"""The model alone: `Booster.inplace_predict` on encoded rows, in one thread, as each of our worker processes has."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.figures import median

TIMES = {1: 3_000, 100: 300, 10_000: 9}
"""How often it is called, by the number of rows."""


def measured(model: Path) -> dict[int, float]:
    """The median seconds of a call, by the number of rows, measured in a process of its own."""
    command = [sys.executable, "-m", __name__, str(model)]
    answer = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return {int(rows): seconds for rows, seconds in json.loads(answer.stdout).items()}


def main(model: str) -> None:
    """Print the seconds as JSON."""
    from tabular.artefact import Artefact
    from tabular.checks import check
    from tests.benchmarks import serving_model

    artefact = Artefact.load_pipeline(Path(model))
    booster = artefact.pipeline[-1].get_booster()
    booster.set_param({"nthread": 1})
    found = {}
    for rows, times in TIMES.items():
        frame = check(serving_model.rows(rows, seed=5).to_pandas(), artefact.contract.features).frame
        encoded = artefact.features(frame).astype("float32")
        booster.inplace_predict(encoded)
        found[rows] = median(lambda encoded=encoded: booster.inplace_predict(encoded), times)  # type: ignore[misc]
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
