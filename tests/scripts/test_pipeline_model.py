"""A fitted pipeline in its file."""

from pathlib import Path

import numpy as np
import pytest
import skops.io

from tabular.contract import FILE as CONTRACT_FILE
from tabular.model_files import MODEL_FILE
from tabular.pipeline_model import PipelineModel
from tests.scripts.models import contract, rows, small_model


class Unknown:
    """A type that no pipeline has."""


def test_a_pipeline_that_was_stored_predicts_the_same(tmp_path: Path) -> None:
    made = small_model()
    model = PipelineModel(made.pipeline, made.contract)
    model.save(tmp_path)
    (tmp_path / CONTRACT_FILE).write_text(made.contract.json())
    frame = rows(contract("logistic_regression"), 20, seed=3)
    read = PipelineModel.load(tmp_path)
    assert np.array_equal(read.predict(read.features(frame)), model.predict(model.features(frame)))


def test_a_file_with_another_type_is_refused(tmp_path: Path) -> None:
    skops.io.dump(Unknown(), tmp_path / MODEL_FILE)
    with pytest.raises(ValueError, match=r"model\.skops: refused: expected only trusted types, found .*Unknown"):
        PipelineModel.load(tmp_path)
