"""What new capture files add to an hour."""

import numpy as np
import pytest

from tasks import locations, storage
from tasks.references.monitoring import TrafficCounts
from tasks.sagemaker.invocations import HELD_OUT
from tasks.traffic.increments import SHOWN_REASONS, Increment, hash_of, hashes_of, hashes_to_bytes
from tests.tasks.capture.events_of_lines import captured_line
from tests.use_cases import small_use_case

CASE = small_use_case(name="increment_one")
ROWS = '[{"age": 12, "colour": "red"}]'


def put(name: str, *lines: str) -> str:
    storage.put(f"{locations.capture(CASE.name)}/{name}", "\n".join(lines).encode())
    return name


def test_hashes_are_the_same_as_bytes() -> None:
    hashes = [hash_of(each) for each in ("e1", "é", "", "\ud800")]
    assert len(set(hashes)) == 4
    assert hashes_of(hashes_to_bytes(hashes)) == hashes
    assert np.frombuffer(hashes_to_bytes(hashes[:1]), "<u8").tolist() == [hash_of("e1")]
    assert hashes_of(hashes_to_bytes([])) == []


def test_new_events_are_scored_and_noted_and_a_known_one_is_a_duplicate(bucket: str) -> None:
    names = [
        put("a", captured_line(ROWS), captured_line(ROWS, eventId="e2"), captured_line(ROWS)),
        put("b", captured_line(ROWS, eventId="e3")),
    ]
    found = Increment(CASE, names, {hash_of("e2")})
    rows = [row for batch in found.batches() for row in batch.to_pylist()]
    assert [(row["event_id"], row["age"], row["prediction"]) for row in rows] == [("e1", 12, "no"), ("e3", 12, "no")]
    assert found.counts == TrafficCounts(files=2, requests=2, rows=2, duplicates=2)
    assert found.events == [hash_of("e1"), hash_of("e3")]


def test_a_deployments_own_requests_are_no_traffic(bucket: str) -> None:
    found = Increment(CASE, [put("c", captured_line(ROWS, inferenceId=f"{HELD_OUT}1"))], set())
    assert list(found.batches()) == []
    assert (found.counts, found.events) == (TrafficCounts(files=1), [])


def test_the_first_reasons_are_shown_and_every_line_is_counted(bucket: str) -> None:
    names = [put("d", captured_line("[]"), *["{"] * (SHOWN_REASONS - 3)), put("e", *["{"] * 4)]
    found = Increment(CASE, names, set())
    assert list(found.batches()) == []
    assert found.counts.corrupt == SHOWN_REASONS + 2
    assert len(found.reasons) == SHOWN_REASONS
    assert found.reasons[0] == "d, line 1: request: Rows: expected at least one"
    assert found.reasons[-1].startswith("e, line 2: expected JSON")


@pytest.mark.usefixtures("bucket")
def test_a_deleted_file_has_no_rows_and_is_read() -> None:
    found = Increment(CASE, ["deleted", put("f", captured_line(ROWS))], set())
    assert sum(map(len, found.batches())) == 1
    assert found.counts == TrafficCounts(files=2, requests=1, rows=1)
