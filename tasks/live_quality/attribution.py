"""Drift of attribution: whether the columns that move the predictions of live rows are those of the held-out rows.

The reference is `shap` in the version's evaluation.json: by column the mean absolute SHAP value of held-out rows. The
live values are those of a sample of the scored rows, by the version's compiled model.
"""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from config.use_case import UseCase
from tabular.calibration.file import FILE as CALIBRATION
from tabular.columns import Column
from tabular.compiled.model import CompiledModel
from tabular.model_archive import extract, read_json
from tabular.model_files import COMPILED_FILE, PLAIN
from tabular.typed_cells import TYPES
from tasks import digests, storage
from tasks.live_quality.evaluated import EARLIER, Evaluated
from tasks.live_quality.figures import Estimated, with_intervals
from tasks.live_quality.sampled_rows import sampled_rows
from tasks.progress import log
from tasks.references.monitoring import LiveFigure, Span
from tasks.sagemaker import registry
from tasks.traffic.hours import Hour, hours

NDCG, RANK_CORRELATION = "attribution_ndcg", "attribution_rank_correlation"
ROWS = 500
"""The rows of the sample; so many held-out rows has the reference at most."""
DRAWS, SEED = 200, 7


class NotMeasured(Exception):
    """Why the attribution of a version's rows cannot be computed."""


def attribution(use_case: UseCase, span: Span, version: int | None = None) -> tuple[LiveFigure, ...]:
    """Return `attribution_ndcg` and `attribution_rank_correlation` of a span's rows, for each version or for one.

    Both are 1 for the order of the held-out rows; SageMaker Clarify reported an NDCG below 0.9. A version without
    SHAP values, or with fewer rows than `monitoring.minimum_rows`, has none: the reason is logged.
    """
    found = hours(use_case, span, version)
    figures: list[LiveFigure] = []
    for number in sorted({hour.version for hour in found if hour.scored}):
        try:
            figures += _figures(use_case, span, number, [hour for hour in found if hour.version == number])
        except NotMeasured as reason:
            log.info("attribution of version %s: not measured: %s", number, reason)
    return tuple(figures)


def _figures(use_case: UseCase, span: Span, version: int, found: Sequence[Hour]) -> Iterator[LiveFigure]:
    evaluated = Evaluated.of(use_case, version)
    if evaluated is None:
        raise NotMeasured("expected its evaluation in the registry and S3, found none")
    reference = evaluated.evidence.get("shap")
    if not reference:
        raise NotMeasured(f"its evaluation has no SHAP values: the model has no compiled form with them, or {EARLIER}")
    rows = sampled_rows(use_case, found, list(use_case.request_columns), ROWS)
    if rows.num_rows < use_case.monitoring.minimum_rows:
        raise NotMeasured(f"expected {use_case.monitoring.minimum_rows:,} rows or more, found {rows.num_rows:,}")
    with tempfile.TemporaryDirectory() as folder:
        model = compiled_model(evaluated, Path(folder))
        _require_columns(model, rows)
        live, names = contributions(model, rows), [column.name for column in model.contract.input_columns]
    expected = np.array([reference["columns"].get(name, 0.0) for name in names])
    for metric, each in agreement(expected, live, use_case.evaluation.intervals.level).items():
        yield LiveFigure(
            metric=metric, kind="measured", span=span, value=each.value, low=each.low, high=each.high,
            rows=rows.num_rows, version=version, reference=1.0,
        )  # fmt: skip


def agreement(expected: np.ndarray, live: np.ndarray, level: float = 0.95) -> dict[str, Estimated]:
    """Compare the (c,) mean absolute SHAP values of the reference with the (n, c) absolute ones of live rows.

    NDCG sorts the columns by their live values, and gains the reference's (scikit-learn, `ndcg_score`; Amazon SageMaker
    Developer Guide, "Model Feature Attribution Drift Violations"). The rank correlation is Spearman's. The intervals
    are of resampled live rows. A figure that is undefined, as of one column, is left out.
    """
    random, rows = np.random.default_rng(SEED), len(live)
    means = [live[random.integers(rows, size=rows)].mean(axis=0) for _ in range(DRAWS)]
    drawn = [_agreement(expected, each) for each in means]
    found = {name: np.array([each[name] for each in drawn]) for name in (NDCG, RANK_CORRELATION)}
    return with_intervals(_agreement(expected, live.mean(axis=0)), found, level)


def _agreement(expected: np.ndarray, live: np.ndarray) -> dict[str, float]:
    from scipy.stats import rankdata  # both take long to import
    from sklearn.metrics import ndcg_score

    if len(expected) < 2 or not expected.any():
        return {NDCG: np.nan, RANK_CORRELATION: np.nan}
    ranks = np.array([rankdata(expected), rankdata(live)])
    constant = (np.ptp(ranks, axis=1) == 0).any()
    return {
        NDCG: float(ndcg_score([expected], [live])),
        RANK_CORRELATION: np.nan if constant else float(np.corrcoef(ranks)[0, 1]),
    }


def compiled_model(evaluated: Evaluated, folder: Path) -> CompiledModel:
    """Load a version's compiled model by way of an empty folder. Its code is not extracted, and nothing is unpickled.

    Raises NotMeasured for a model without one, and when the archive is missing or not the registered one.
    """
    archive = folder / "model.tar.gz"
    try:
        storage.download(registry.model_uri(evaluated.package), archive)
    except FileNotFoundError as error:
        raise NotMeasured(f"{error}") from error
    _require_registered(evaluated, archive)
    compiled = read_json(archive, COMPILED_FILE)
    if compiled is None or compiled["estimator"]["kind"] == PLAIN:
        raise NotMeasured("the model has no compiled form")
    extract(archive, {COMPILED_FILE, CALIBRATION, *compiled["files"]}, folder)
    try:
        model = CompiledModel.load(folder)
    except ValueError as error:  # another format, or a file that differs
        raise NotMeasured(f"{error}") from error
    if model.shap is None:
        raise NotMeasured("the compiled model has no SHAP values")
    return model


def _require_registered(evaluated: Evaluated, archive: Path) -> None:
    expected = registry.facts_of(evaluated.package).get(registry.MODEL_DIGEST)
    with archive.open("rb") as file:
        found = digests.of_file(file)
    if expected and found != expected:
        raise NotMeasured(f"expected model.tar.gz with the SHA-256 {expected}, found {found}: it was changed")


def _require_columns(model: CompiledModel, rows: pa.Table) -> None:
    names = [column.name for column in model.contract.features if column.name not in rows.column_names]
    if names:
        raise NotMeasured(f"expected the model's features in the use case, found no {', '.join(names)}")


def contributions(model: CompiledModel, rows: pa.Table) -> np.ndarray:
    """Return the (n, inputs) absolute SHAP values of n scored rows; of more than two classes the mean over them."""
    values = {column.name: _typed(rows[column.name], column) for column in model.contract.features}
    parts = np.abs(model.contributions(model.encode(values, rows.num_rows)))[..., :-1]
    return parts if parts.ndim == 2 else np.asarray(parts.mean(axis=1))


def _typed(values: pa.ChunkedArray, column: Column) -> pa.Array:
    cells = values.combine_chunks()
    if column.type == "category":
        return cells.cast(pa.string()).dictionary_encode()
    return cells.cast(TYPES[column.type])
