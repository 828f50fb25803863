"""Captured events as scored rows: a record batch of the rows that the model answered."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from config.use_case import UseCase
from tasks import model_contract
from tasks.capture import answers, requests
from tasks.capture.answers import Answer, Refusal
from tasks.capture.events import Event, Unreadable
from tasks.references.monitoring import TrafficCounts
from tasks.rows.scored_rows import EVENT, INFERENCE, ROW, TIME, schema


@dataclass(frozen=True)
class Decoded:
    """What some events have."""

    batches: list[pa.RecordBatch] = field(default_factory=list)
    """The scored rows."""
    counts: TrafficCounts = field(default_factory=TrafficCounts)
    problems: list[tuple[int, str]] = field(default_factory=list)
    """The line of each unreadable event, with the reason."""

    def __add__(self, other: "Decoded") -> "Decoded":
        return Decoded([*self.batches, *other.batches], self.counts + other.counts, [*self.problems, *other.problems])


class Decoder:
    """Decodes the events of one use case."""

    def __init__(self, use_case: UseCase) -> None:
        self._columns = model_contract.contract(use_case).features
        self._classes = use_case.target.classes or ()
        self._schema = schema(use_case)

    def decode(self, events: Sequence[Event]) -> Decoded:
        """Return the scored rows of the events, and what else they have. An unreadable event has no scored row."""
        found, answered = Decoded(), list[tuple[Event, list[Answer]]]()
        for event in events:
            try:
                answered.append((event, answers.read(event.answer, self._classes)))
            except Refusal as refusal:
                kind = "failed" if refusal.failed else "refused_rows"
                found += Decoded(counts=TrafficCounts(requests=1, **{kind: 1}))
            except Unreadable as unreadable:
                found += _unreadable(event, unreadable)
        return found + self._together(answered) if answered else found

    def _together(self, answered: Sequence[tuple[Event, list[Answer]]]) -> Decoded:
        """Decode answered events together, or in halves when one of them is unreadable."""
        try:
            return self._rows(answered)
        except Unreadable as unreadable:
            if len(answered) == 1:
                return _unreadable(answered[0][0], unreadable)
        middle = len(answered) // 2
        return self._together(answered[:middle]) + self._together(answered[middle:])

    def _rows(self, answered: Sequence[tuple[Event, list[Answer]]]) -> Decoded:
        events = [event for event, _ in answered]
        rows = requests.read(events, self._columns)
        sizes = np.array([len(each) for _, each in answered])
        if not np.array_equal(rows.counts, sizes):
            raise Unreadable("answer: expected as many predictions as rows, found another number")
        every = [answer for _, each in answered for answer in each]
        refused = np.fromiter(("error" in answer for answer in every), bool, len(every))
        place = (np.cumsum(sizes) - sizes)[rows.event] + rows.row
        scored = ~refused[place]
        if int(scored.sum()) != int((~refused).sum()):
            raise Unreadable("request: expected each answered row to be well-formed, found another one")
        self._require_fitting(rows, scored)
        batch = self._batch(events, rows, scored, [every[each] for each in place[scored]])
        counts = TrafficCounts(requests=len(events), rows=len(batch), refused_rows=int(refused.sum()))
        return Decoded([batch] if len(batch) else [], counts)

    def _require_fitting(self, rows: requests.Rows, scored: np.ndarray) -> None:
        """Raise Unreadable when an answered row does not fit the schema: a model of another schema answered it."""
        bad = rows.checked.bad[scored]
        if bad.any():
            column = rows.checked.columns[int(np.argmax(bad.any(axis=0)))]
            raise Unreadable(
                f"request: {column.name}: expected {column.expected}, found something else in an answered row"
            )

    def _batch(
        self, events: Sequence[Event], rows: requests.Rows, scored: np.ndarray, found: Sequence[Answer]
    ) -> pa.RecordBatch:
        kept = pa.array(scored)
        event = rows.event[scored]
        of_event = {
            EVENT: pa.array([each.id for each in events], pa.string()),
            INFERENCE: pa.array([each.inference_id for each in events], pa.string()),
            TIME: pa.array([each.time for each in events], pa.timestamp("us", "UTC")),
        }
        columns = {
            **{name: values.take(pa.array(event)) for name, values in of_event.items()},
            ROW: pa.array(rows.row[scored], pa.int32()),
            **{name: values.filter(kept) for name, values in rows.checked.values.items()},
            **answers.columns_of(found, self._classes),
        }
        order = np.lexsort((rows.row[scored], event))
        arrays = [columns[each.name].cast(each.type) for each in self._schema]
        batch = pa.RecordBatch.from_arrays(arrays, schema=self._schema)
        return batch if np.array_equal(order, np.arange(len(order))) else batch.take(pa.array(order))


def _unreadable(event: Event, unreadable: Unreadable) -> Decoded:
    return Decoded(counts=TrafficCounts(corrupt=1), problems=[(event.line, str(unreadable))])
