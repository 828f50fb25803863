"""The figures of a version's held-out rows and their subgroups, by its stored predictions and the true values."""

from collections.abc import Collection

import pyarrow as pa
import pyarrow.parquet as pq

from config.errors import MissingInput
from config.use_case import UseCase
from tabular.calibration.file import Calibration
from tasks import storage
from tasks.ground_truth.columns import GROUP, TARGET
from tasks.live_quality.measured_figures import measure
from tasks.rows import shards
from tasks.rows.answer_columns import answer_types
from tasks.rows.input_rows import INPUT_ROW
from tasks.traffic.reference import held_out_predictions, model_version


def held_out_figures(
    use_case: UseCase, version: int, groups: Collection[str], calibration: Calibration | None
) -> dict[tuple[str, str], float]:
    """Return each metric of the held-out rows of a version by its name and subgroup; nothing where they are not stored.

    `groups` are the columns of subgroups.
    """
    try:
        found = model_version(use_case, version)
    except MissingInput:
        return {}
    uri = held_out_predictions(use_case, found.arn)
    rows = _joined(use_case, uri, found.split.test_uri, groups) if uri else None
    if rows is None:
        return {}
    figures = measure(use_case, rows, calibration, intervals=False).figures
    return {(each.metric, each.group): each.value for each in figures}


def _joined(use_case: UseCase, uri: str, test_uri: str, groups: Collection[str]) -> pa.Table | None:
    """Return the held-out rows with answers and true values; None when the rows are no longer those of the predictions.

    A row that was removed from both because a person asked for it is not missed: the others are found by their key.
    """
    key = list(use_case.key)
    try:
        with storage.opened(uri) as file:
            answers = pq.read_table(file, columns=[INPUT_ROW, *key, *answer_types(use_case)])
        needed = list(dict.fromkeys([*key, use_case.target.column, *groups]))
        test = _truths(use_case, pa.Table.from_batches(shards.batches(test_uri, needed)), groups)
    except FileNotFoundError:
        return None
    if key:
        return answers.join(test, key, join_type="inner").sort_by(INPUT_ROW)
    if len(answers) != len(test):
        return None
    return pa.table({name: part[name] for part in (answers, test) for name in part.column_names})


def _truths(use_case: UseCase, test: pa.Table, groups: Collection[str]) -> pa.Table:
    """Return the key, the true value and the groups of the held-out rows, named as those of joined rows."""
    there = [name for name in groups if name in test.column_names and name not in use_case.key]
    asked, others = ([name for name in there if (name in use_case.request_columns) is each] for each in (True, False))
    columns = {name: test[name] for name in use_case.key}
    columns |= {name: test[name].cast(pa.string()) for name in asked}
    columns |= {f"{GROUP}{name}": test[name].cast(pa.string()) for name in others}
    kind = pa.string() if use_case.target.classes else pa.float64()
    return pa.table({**columns, TARGET: test[use_case.target.column].cast(kind)})
