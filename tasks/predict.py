"""predict: send rows to the endpoint by the SageMaker runtime API, and store the predictions in S3."""

import itertools
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa

from config.errors import InvalidRows
from config.use_case import UseCase
from tabular.metrics import score
from tasks import digests, locations, names, storage
from tasks.feature_store.windows import current_values
from tasks.model_contract import STORED
from tasks.progress import log
from tasks.references import DataSplit, Deployment, Predictions
from tasks.rows import input_rows, shards, stored_rows
from tasks.rows.answer_columns import INFERENCE_ID, INFERENCE_ROW, PREDICTION, answer_types, probability
from tasks.rows.input_rows import INPUT_ROW, InputRows, check_rows, read_rows
from tasks.rows.stored_rows import RowFile
from tasks.sagemaker.invocations import HELD_OUT, invoke
from tasks.scoring import ACCEPT, Scored, score_rows
from tasks.steps import step

SAMPLE = 3
SHOWN_REASONS = 5
JSON = "application/json"


@step(cached=True)
def predict_held_out(use_case: UseCase, deployment: Deployment, split: DataSplit) -> Predictions:
    """Score the held-out rows and measure the quality. Raises InvalidRows when the endpoint refuses one of them."""
    kept = _kept(use_case)
    target, truth, answers = use_case.target.column, list[pd.Series](), list[pd.DataFrame]()
    with Predicted(use_case, deployment, kept, held_out=True) as predicted:
        for batch in shards.batches(split.test_uri, list(dict.fromkeys([*kept, target]))):
            rows = stored_rows.frame_of(batch)
            rows.index += predicted.rows.rows
            scored = predicted.add(rows)
            if scored.refused:
                raise _refused_held_out(deployment, len(rows), scored)
            truth.append(rows[target])
            answers.append(answered(use_case, rows, scored)[list(answer_types(use_case))])
        predictions = predicted.published()
    return predictions.model_copy(update={"quality": quality(use_case, pd.concat(truth), pd.concat(answers))})


def _refused_held_out(deployment: Deployment, rows: int, scored: Scored) -> InvalidRows:
    reasons = [f"row {row}: {why[0]}" for row, why in scored.refused.items()]
    return _refused(deployment, f"expected answers to all {rows:,} rows, found {len(reasons):,} refused", reasons)


def quality(use_case: UseCase, truth: pd.Series, answers: pd.DataFrame) -> float:
    """Return the primary metric of the n answers, given the (n,) true classes or values."""
    classes = list(use_case.target.classes or ())
    if not classes:
        found = score("regression", truth.to_numpy(float), answers[PREDICTION].to_numpy(float))
    else:
        places = pd.Series(range(len(classes)), index=classes)
        numbers = places[truth].to_numpy(int)
        output = answers[[probability(name) for name in classes]].to_numpy(float)
        found = score(use_case.target.task, numbers, output, places[answers[PREDICTION]].to_numpy(int))
    return found[use_case.evaluation.primary]


@step()
def predict_file(use_case: UseCase, deployment: Deployment, location: str) -> Predictions:
    """Score the good rows at `location`: a path, `s3://` or `https://`. They need no target.

    The other rows go to quarantine with their reasons, next to the predictions. Raises SourceError when the source
    can't be read or lacks a feature, and InvalidRows when no row could be scored.
    """
    batches = read_rows(use_case, location)
    first = next(batches)  # a source yields at least one batch, or raises
    with Predicted(use_case, deployment, list(map(str, first.raw))) as predicted:
        for rows in itertools.chain([first], batches):
            frame, reasons = check_rows(use_case, rows)
            scored = predicted.add(frame)
            predicted.put_aside(rows, reasons | scored.refused)
        return predicted.published()


@step()
def predict_keys(use_case: UseCase, deployment: Deployment, keys: Sequence[str]) -> Predictions:
    """Score the newest records of these keys in the use case's feature groups, with the windows of now.

    A key without a record, or with one that does not fit the schema, goes to quarantine with its reason. Raises the
    errors of `tasks.feature_store.online.values_of`, and InvalidRows when no row could be scored.
    """
    found, names = current_values(use_case, keys), _kept(use_case)
    kept = [name for name in names if name in use_case.request_columns or any(name in row for row in found.values())]
    cells = [[found.get(key, {}).get(name) for name in kept] for key in keys]
    raw = pd.DataFrame(cells, columns=kept, dtype=object)
    absent = {row: [f"key {key!r}: no feature group has a record"] for row, key in enumerate(keys) if key not in found}
    nothing = pd.Series([None] * len(keys), dtype=object)
    rows = InputRows(raw, nothing, nothing, nothing)
    with Predicted(use_case, deployment, kept) as predicted:
        there = [row not in absent for row in range(len(keys))]
        frame, reasons = check_rows(use_case, InputRows(*(part[there] for part in (raw, nothing, nothing, nothing))))
        scored = predicted.add(frame)
        predicted.put_aside(rows, absent | reasons | scored.refused)
        return predicted.published()


class Predicted:
    """The scored rows with their predictions, and the quarantined rows with their reasons."""

    def __init__(
        self, use_case: UseCase, deployment: Deployment, kept: Sequence[str], *, held_out: bool = False
    ) -> None:
        """`kept` are the columns of the key and the features that the source has.

        Each request has the InferenceId `<id of the predictions>-<number>`. That of `held_out` rows has a prefix.
        """
        self._use_case, self._deployment, self._held_out = use_case, deployment, held_out
        self._id, self._requests = names.stamp(), 0
        self._files = ExitStack()
        self.rows = self._files.enter_context(RowFile(_schema(use_case, kept)))
        self.aside = self._files.enter_context(RowFile(input_rows.quarantine_schema(kept)))
        self.reasons: list[str] = []
        """The first reasons, each with its line or row."""
        self._sample: list[dict[str, str]] = []

    def add(self, frame: pd.DataFrame) -> Scored:
        """Score the n typed rows, indexed by row number, and keep the answers."""
        before = self._requests
        scored = score_rows(frame[list(self._use_case.request_columns)], self._ask, self._use_case.columns)
        table = answered(self._use_case, frame, scored)
        places = [scored.places[row] for row in table[INPUT_ROW]]
        table[INFERENCE_ID] = [self._inference_id(before + number) for number, _ in places]
        table[INFERENCE_ROW] = [row for _, row in places]
        self.rows.write(stored_rows.batch_of(table, self.rows.schema))
        for row, answer in list(scored.answers.items())[: SAMPLE - len(self._sample)]:
            self._sample.append({"row": str(row), "answer": _readable(answer)})
        return scored

    def _ask(self, body: bytes) -> bytes:
        self._requests += 1
        name = self._inference_id(self._requests)
        return invoke(self._deployment.endpoint_name, body, JSON, ACCEPT, inference_id=name)

    def _inference_id(self, request: int) -> str:
        return f"{HELD_OUT if self._held_out else ''}{self._id}-{request}"

    def put_aside(self, rows: InputRows, reasons: Mapping[int, list[str]]) -> None:
        """Quarantine the rows that have reasons."""
        self.aside.write(input_rows.quarantined(rows, reasons, self.aside.schema))
        places = (f"{rows.place(row)}: {why}" for row in sorted(reasons) for why in reasons[row])
        self.reasons += [place for place, _ in zip(places, range(SHOWN_REASONS - len(self.reasons)), strict=False)]

    def published(self) -> Predictions:
        """Store predictions and quarantine. Raises InvalidRows when no row was scored, after storing the quarantine."""
        predictions = self._stored()
        if predictions.quarantined:
            log.info(
                "          %s row(s) in quarantine: %s", f"{predictions.quarantined:,}", predictions.quarantine_uri
            )
        if predictions.quarantined and not predictions.rows:
            found = f"expected rows that fit, found none among {predictions.quarantined:,}"
            raise _refused(self._deployment, found, [*self.reasons, f"all of them: {predictions.quarantine_uri}"])
        return predictions

    def _stored(self) -> Predictions:
        folder = locations.predictions(self._use_case.name, self._id)
        rows, aside = self.rows.rows, self.aside.rows
        stored = self.rows.finished()
        digest = digests.of_file(stored)
        storage.put(f"{folder}/predictions.parquet", stored)
        if aside:
            storage.put(f"{folder}/quarantine.parquet", self.aside.finished())
        self._publish(folder, digest)
        first = f"; row {self._sample[0]['row']}: {self._sample[0]['answer']}" if self._sample else ""
        log.info("predict   %s rows scored%s", f"{rows:,}", first)
        return Predictions(
            use_case=self._use_case.name,
            endpoint_name=self._deployment.endpoint_name,
            trained_on=self._deployment.trained_on,
            uri=f"{folder}/predictions.parquet",
            quarantine_uri=f"{folder}/quarantine.parquet" if aside else None,
            rows=rows,
            quarantined=aside,
            reasons=tuple(self.reasons),
            sample=tuple(self._sample),
        )

    def _publish(self, folder: str, digest: str) -> None:
        """Store which version has answered: the lineage of the predictions begins there."""
        manifest = {
            "use_case": self._use_case.name,
            "model_package_arn": self._deployment.model_package_arn,
            "endpoint_name": self._deployment.endpoint_name,
            "uri": f"{folder}/predictions.parquet",
            "sha256": digest,
            "rows": self.rows.rows,
            "quarantined": self.aside.rows,
            locations.HELD_OUT: self._held_out,
        }
        storage.put_json(f"{folder}/{locations.MANIFEST}", manifest)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self._files.close()


def _refused(deployment: Deployment, found: str, reasons: list[str]) -> InvalidRows:
    shown = "".join(f"\n  {reason}" for reason in reasons[: SHOWN_REASONS + 1])
    return InvalidRows(f"endpoint {deployment.endpoint_name}: {found}{shown}")


def _kept(use_case: UseCase) -> list[str]:
    """The columns of the key and of requests, each once."""
    return list(dict.fromkeys([*use_case.key, *use_case.request_columns]))


def _schema(use_case: UseCase, kept: Sequence[str]) -> pa.Schema:
    """The schema of scored rows."""
    own = {name: STORED[use_case.split_columns[name].type] for name in kept}
    request = {INFERENCE_ID: "string", INFERENCE_ROW: "int64"}
    return stored_rows.schema_of({INPUT_ROW: "int64", **own, **answer_types(use_case), **request})


def answered(use_case: UseCase, frame: pd.DataFrame, scored: Scored) -> pd.DataFrame:
    """Return the scored rows of a typed frame, in order: row number, key, features, prediction and probabilities."""
    there = frame[np.isin(frame.index, list(scored.answers))]
    kept = [name for name in _kept(use_case) if name in frame]
    table = there[kept].astype({name: STORED[use_case.split_columns[name].type] for name in kept})
    table.insert(0, INPUT_ROW, there.index)
    answers = [scored.answers[row] for row in there.index]
    table[PREDICTION] = [answer["prediction"] for answer in answers]
    for name in use_case.target.classes or ():
        table[probability(name)] = [answer["probabilities"][name] for answer in answers]
    return table.reset_index(drop=True)


def _readable(answer: Mapping[str, Any]) -> str:
    if "probabilities" not in answer:
        return f"{answer['prediction']:.2f}"
    sure = answer["probabilities"][answer["prediction"]]
    return f"{answer['prediction']} ({sure:.0%} sure)"
