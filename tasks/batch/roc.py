"""ROC-AUC and average precision of more rows than fit into memory: kept on disk, ranked by DuckDB."""

import math
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

MEMORY = "256MB"
"""DuckDB's memory. Groups that need more use the temporary folder."""
TRUTH = "truth"
_QUERY = """
WITH counted AS (
    SELECT {probability} AS p, count(*) FILTER (truth = {number}) AS positives, count(*) AS every
    FROM read_parquet($file) GROUP BY p
), ranked AS (
    SELECT positives, every - positives AS negatives,
        sum(every - positives) OVER (ORDER BY p ROWS UNBOUNDED PRECEDING) - (every - positives) AS lower,
        sum(positives) OVER (ORDER BY p DESC ROWS UNBOUNDED PRECEDING) AS hits,
        sum(every) OVER (ORDER BY p DESC ROWS UNBOUNDED PRECEDING) AS above
    FROM counted
)
SELECT sum(positives * (lower + negatives / 2.0)), sum(positives * (hits / above)), sum(positives), sum(negatives)
FROM ranked
"""


class Roc:
    """The (truth, probabilities) of rows in a temporary file. Closing deletes it."""

    def __init__(self, classes: int) -> None:
        self._classes = classes
        self._folder = TemporaryDirectory(prefix="vishwaops-roc-")
        self._path = Path(self._folder.name) / "kept.parquet"
        names = [TRUTH, *(f"p{number}" for number in range(classes))]
        kinds = [pa.int16(), *([pa.float64()] * classes)]
        self._schema = pa.schema(list(map(pa.field, names, kinds)))
        self._writer = pq.ParquetWriter(self._path, self._schema, compression="zstd")

    def add(self, truth: np.ndarray, output: np.ndarray) -> None:
        """Keep n rows: the (n,) numbers of their classes and the (n, classes) probabilities."""
        columns = [pa.array(truth.astype("int16")), *(pa.array(output[:, number]) for number in range(self._classes))]
        self._writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=self._schema))

    def areas(self) -> tuple[float, float]:
        """Return ROC-AUC and average precision of a binary task, or the means of each class against the rest.

        NaN if a class is absent. They are those of `tabular.weighted_metrics.ranking`.
        """
        self._writer.close()
        numbers = [1] if self._classes == 2 else range(self._classes)
        roc, precise = np.mean([self._against_the_rest(number) for number in numbers], axis=0).tolist()
        return roc, precise

    def _against_the_rest(self, number: int) -> tuple[float, float]:
        import duckdb  # takes half a second to import

        settings: dict[str, Any] = {"memory_limit": MEMORY, "temp_directory": self._folder.name, "threads": 2}
        with duckdb.connect(config=settings) as connection:
            query = _QUERY.format(probability=f"p{number}", number=number)
            found = connection.execute(query, {"file": str(self._path)}).fetchone()
        pairs, precise, positives, negatives = (float(value or 0) for value in found or (0, 0, 0, 0))
        if not (positives and negatives):
            return math.nan, math.nan
        return pairs / (positives * negatives), precise / positives

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self._writer.close()
        self._folder.cleanup()
