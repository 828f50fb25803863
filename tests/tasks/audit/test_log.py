"""The audit log of a use case in S3: appends at once, after a crash, and of one event twice."""

import subprocess
import sys
from dataclasses import dataclass
from uuid import uuid4

import pytest

from config.errors import GateError, MissingInput
from tasks import clients, storage
from tasks.audit import merkle, tiles
from tasks.audit.checkpoint import Checkpoint, parse, signed
from tasks.audit.entries import decode, encode
from tasks.audit.kept_checkpoint import verify_against_kept
from tasks.audit.log import Log
from tasks.audit.proof import prove
from tasks.signing.keys import KmsKey
from tests.tasks.audit.logs import KEY, an_event, objects, root_of_proof

APPENDING = """
import sys
from tasks.audit.log import Log
from tests.tasks.audit.logs import KEY, an_event
for number in range(int(sys.argv[3])):
    Log(sys.argv[1], KEY).append(an_event(f"{sys.argv[2]} {number}"))
"""


@pytest.fixture
def log(bucket: str) -> Log:
    """An empty log."""
    return Log(f"s3://{bucket}/t_{uuid4().hex[:10]}/audit", KEY)


def ids(log: Log) -> list[str]:
    return [decode(entry)["id"] for entry in log.read().entries]


def test_the_objects_of_a_log_are_those_of_its_entries_in_the_layout(log: Log) -> None:
    for number in range(3):
        assert log.append(an_event(f"event {number}")) == number
    wanted = objects(log.read().entries)
    found = {name: storage.get(f"{log.folder}/{name}") for name in storage.names(log.folder)}
    del wanted[tiles.CHECKPOINT]
    assert {path: found[path] for path in wanted} == wanted
    assert parse(found[tiles.CHECKPOINT].decode(), KEY.public).text.split("\n")[:2] == [log.origin, "3"]


def test_entries_cross_from_a_full_tile_into_the_next(log: Log) -> None:
    those = [encode(an_event(f"event {number}"), number, b"") for number in range(tiles.WIDTH - 1)]
    for path, content in objects(tuple(those)).items():
        storage.put(f"{log.folder}/{path}", content)
    leaves = [merkle.leaf(entry) for entry in those]
    checkpoint = Checkpoint(log.origin, len(those), merkle.root(leaves))
    storage.put(f"{log.folder}/{tiles.CHECKPOINT}", signed(checkpoint, KEY).encode())
    assert [log.append(an_event(name)) for name in ("a", "b", "c")] == [255, 256, 257]
    names = set(storage.names(log.folder))
    assert {"tile/0/000", "tile/entries/000", "tile/0/001.p/2", "tile/entries/001.p/2", "tile/1/000.p/1"} <= names
    assert verify_against_kept(log)[0].problems == []


def test_appends_of_two_processes_at_once_lose_and_reorder_nothing(log: Log) -> None:
    count = 8
    started = [
        subprocess.Popen([sys.executable, "-c", APPENDING, log.folder, name, str(count)]) for name in ("left", "right")
    ]
    assert [process.wait(120) for process in started] == [0, 0]
    found = ids(log)
    assert sorted(found) == sorted(f"{name} {number}" for name in ("left", "right") for number in range(count))
    for name in ("left", "right"):
        assert [each for each in found if each.startswith(name)] == [f"{name} {number}" for number in range(count)]
    assert verify_against_kept(log)[0].problems == []


def test_the_next_append_completes_an_entry_whose_process_ended_before_its_checkpoint(log: Log) -> None:
    log.append(an_event("first"))
    entry = encode(an_event("second"), 1, log.read().root)
    bundle = tiles.bundle([*log.read().entries, entry])
    storage.put(f"{log.folder}/{tiles.bundle_path(1, 2)}", bundle)  # killed here: no tile, no checkpoint
    assert verify_against_kept(log)[0].waiting
    assert ids(log) == ["first"]
    assert log.append(an_event("third")) == 2
    assert ids(log) == ["first", "second", "third"]
    assert verify_against_kept(log)[0].problems == []


def test_an_event_that_a_repeated_run_appends_again_is_there_once_even_after_a_crash(log: Log) -> None:
    assert log.append(an_event("first")) == log.append(an_event("first")) == 0
    entry = encode(an_event("second"), 1, log.read().root)
    storage.put(f"{log.folder}/{tiles.bundle_path(1, 2)}", tiles.bundle([*log.read().entries, entry]))
    assert log.append(an_event("second")) == 1
    assert ids(log) == ["first", "second"]


def test_a_log_that_was_changed_takes_no_further_entry(log: Log) -> None:
    log.append(an_event("first"))
    path = f"{log.folder}/{tiles.bundle_path(0, 1)}"
    storage.put(path, storage.get(path).replace(b'"version":"3"', b'"version":"4"'))
    with pytest.raises(GateError, match=r"another root than its checkpoint.*vishwaops audit verify --use-case t_"):
        log.append(an_event("second"))


def test_a_log_that_was_emptied_differs_from_the_checkpoint_of_the_last_verification(log: Log) -> None:
    log.append(an_event("first"))
    assert verify_against_kept(log)[0].problems == []
    storage.delete([f"{log.folder}/{name}" for name in storage.names(log.folder)])
    assert "had 1 entries when it was last seen" in verify_against_kept(log)[0].problems[0]


def test_a_proof_leads_to_the_root_of_the_signed_checkpoint(log: Log) -> None:
    for number in range(5):
        log.append(an_event(f"event {number}"))
    for number in range(5):
        found, wanted = root_of_proof(prove(log, number))
        assert found == wanted == log.read().root
    with pytest.raises(MissingInput, match="expected an entry from 0 to 4, found 5"):
        prove(log, 5)


@dataclass(frozen=True)
class Growing(Log):
    """A log to which another process appends whenever a checkpoint has been read."""

    def parse(self, note: bytes) -> Checkpoint:
        found = super().parse(note)
        Log(self.folder, self.key).append(an_event(f"after {found.size}"))
        return found


def test_a_proof_is_of_the_checkpoint_that_was_read_while_the_log_grows(log: Log) -> None:
    log.append(an_event("first"))
    found, wanted = root_of_proof(prove(Growing(log.folder, KEY), 0))
    assert found == wanted != log.read().root


def test_the_kept_checkpoint_is_the_one_that_was_verified_while_the_log_grows(log: Log) -> None:
    log.append(an_event("first"))
    found, kept = verify_against_kept(Growing(log.folder, KEY))
    assert (found.problems, log.parse(kept.read_bytes())) == ([], found.checkpoint)


def test_an_empty_log_has_no_entry_to_prove(log: Log) -> None:
    with pytest.raises(MissingInput, match="expected entry 0 in the audit log, found no entries yet"):
        prove(log, 0)


def test_a_kms_key_signs_checkpoints_that_its_public_key_verifies(log: Log) -> None:
    key = clients.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    other = Log(log.folder, KmsKey(key))
    assert [other.append(an_event(name)) for name in ("first", "second")] == [0, 1]
    assert verify_against_kept(other)[0].problems == []
    with pytest.raises(GateError, match="expected a signature of the environment's key"):
        log.read()
