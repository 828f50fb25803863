"""XGBoost gets the rows in batches, in bins that begin at the values of all ranks' rows."""

from pathlib import Path

import numpy as np
import xgboost

from tabular import contract_frames
from tabular.compiled.encoding import Encoder
from tabular.compiled.fitted import steps_of
from tabular.distributed.encoding import fit_encoding, summarize
from tabular.distributed.matrix import DEFAULT_BINS, binned, cuts_of
from tabular.pipelines import build_pipeline
from tests.scripts.distributed.test_fitting import TERMS, frame, stored
from tests.scripts.distributed.threads import on_ranks


def cut_points(matrix: xgboost.QuantileDMatrix) -> list[list[float]]:
    starts, values = matrix.get_quantile_cut()
    return [each.tolist() for each in np.split(values, starts[1:-1])]


def test_the_bins_of_each_rank_are_those_of_all_rows(tmp_path: Path) -> None:
    rows = frame(600)
    whole = build_pipeline(TERMS, "xgboost", {}, 1, ["same"])["features"]
    encoded = whole.fit_transform(contract_frames.inputs(TERMS, rows))
    expected = cut_points(xgboost.QuantileDMatrix(np.asarray(encoded, "float32"), max_bin=DEFAULT_BINS))

    features = build_pipeline(TERMS, "xgboost", {}, 1, ["same"])["features"]
    parts = [stored(tmp_path / "a", rows[:100]), stored(tmp_path / "b", rows[100:])]
    summaries = on_ranks(parts, lambda ranks, part: summarize(ranks, part, DEFAULT_BINS))[0]
    fit_encoding(features, TERMS, summaries)
    steps = steps_of(features, {"level": ("low", "mid", "high")}, tmp_path)
    for part in parts:
        found = binned(part, Encoder(steps, "float32", {}), cuts_of(steps, summaries), DEFAULT_BINS, 1, lambda _: None)
        assert cut_points(found) == expected
        assert found.num_row() == len(part)
        assert found.get_label().tolist() == part.truth.tolist()
