"""The same inputs, code and seed give the same files of a model, in another process too."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from config.settings import PROJECT
from tabular.artefact import Artefact
from tabular.compiled.compiler import compile_model
from tabular.contract import FILE
from tabular.folds import FoldKeys
from tabular.pipeline_model import PipelineModel
from tabular.recipe import Recipe, Rows
from tests.scripts.compiled.models import ALGORITHMS, SETTINGS, contract, frame, json_rows

NAMES = (
    "logistic_regression", "ridge", "elastic_net", "random_forest number", "xgboost", "neural_network", "stack",
)  # fmt: skip


def digests(folder: Path) -> dict[str, str]:
    """Train a model of each algorithm in two threads. Returns the digests of its files, by algorithm and name."""
    found: dict[str, str] = {}
    for name in NAMES:
        algorithm, terms = name.split()[0], contract(ALGORITHMS[name])
        rows = frame(json_rows(300, seed=1), terms)
        place = folder / name.replace(" ", "-")
        place.mkdir()
        recipe = Recipe(terms, algorithm, SETTINGS.get(algorithm, {}), 2)
        pipeline = recipe.fit(Rows(rows, FoldKeys("random", np.zeros(len(rows))))).pipeline
        PipelineModel(pipeline, terms).save(place)
        (place / FILE).write_text(terms.json())
        compile_model(Artefact(pipeline, terms, (0.0,)), [rows], place)
        found |= {f"{name}: {path.name}": hashlib.sha256(path.read_bytes()).hexdigest() for path in place.iterdir()}
    return found


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return digests(tmp_path_factory.mktemp("here"))


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    code = f"""
import json, sys
from pathlib import Path
from tests.scripts.test_reproducible_files import digests
print(json.dumps(digests(Path({str(tmp_path_factory.mktemp("elsewhere"))!r}))))
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("name", NAMES)
def test_every_file_of_a_model_has_the_same_bytes_in_another_process(
    name: str, here: dict[str, str], elsewhere: dict[str, str]
) -> None:
    own = {path: digest for path, digest in here.items() if path.startswith(f"{name}: ")}
    assert {f"{name}: model.skops", f"{name}: compiled.json"} <= set(own)
    assert {path: elsewhere[path] for path in own} == own
