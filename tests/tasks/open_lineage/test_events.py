"""What a server, or the file of this machine, receives of a stage."""

import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from config import profile
from config.errors import GateError
from config.profile import Lineage, active_profile
from tasks.open_lineage import events, stage_events
from tests.references import a_split
from tests.use_cases import small_use_case

SPLIT = a_split()


@pytest.fixture(autouse=True)
def _own_client(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setattr(events, "FILE", tmp_path / "lineage" / "events.jsonl")
    events._client.cache_clear()
    events._log_once.cache_clear()
    yield
    events._client.cache_clear()


def sent_to(lineage: Lineage, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = active_profile().model_copy(update={"lineage": lineage})
    monkeypatch.setattr(events, "active_profile", lambda: changed)


def a_stage(error: BaseException | None = None) -> None:
    inputs = {"parts": SPLIT}
    with stage_events(small_use_case(), "2026-01-02", "lifecycle", "train", inputs, "") as completed:
        if error:
            raise error
        completed(a_split(train_uri="s3://bucket/new"))


def in_the_file() -> list[dict[str, Any]]:
    return [json.loads(line) for line in events.FILE.read_text().splitlines()]


def test_a_stage_starts_and_completes_with_its_inputs_and_its_new_outputs() -> None:
    a_stage()
    start, complete = in_the_file()
    assert (start["eventType"], complete["eventType"]) == ("START", "COMPLETE")
    assert start["run"]["runId"] == complete["run"]["runId"] == str(events.run_id("small_one", "2026-01-02", "train"))
    assert UUID(start["run"]["runId"]).version == 5
    assert start["job"]["namespace"] == "vishwaops-offline"
    assert start["job"]["name"] == "small_one.train"
    parent = complete["run"]["facets"]["parent"]
    assert parent["job"]["name"] == "small_one.lifecycle"
    assert parent["run"]["runId"] == str(events.run_id("small_one", "2026-01-02"))
    assert [each["name"] for each in complete["inputs"]] == ["train", "validation", "test", "contract"]
    assert [each["name"] for each in complete["outputs"]] == ["new"]
    assert start["outputs"] == []


@pytest.mark.parametrize(
    ("error", "state", "message"),
    [
        (GateError("too few rows"), "FAIL", "too few rows"),
        (ValueError("a value of a row"), "FAIL", None),
        (KeyboardInterrupt(), "ABORT", None),
    ],
)
def test_a_stage_that_does_not_complete_says_how_it_ended(
    error: BaseException, state: str, message: str | None
) -> None:
    with pytest.raises(type(error)):
        a_stage(error)
    _, end = in_the_file()
    assert (end["eventType"], end["outputs"]) == (state, [])
    assert end["run"]["facets"].get("errorMessage", {}).get("message") == message


def test_a_server_receives_the_events_with_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    received: list[tuple[str, str | None, str]] = []

    class Server(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            received.append((self.path, self.headers["Authorization"], body["eventType"]))
            self.send_response(201)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setenv(events.API_KEY, "a-key")
    sent_to(Lineage(kind="http", url=f"http://127.0.0.1:{server.server_port}"), monkeypatch)
    a_stage()
    server.shutdown()
    server.server_close()
    path, key = "/api/v1/lineage", "Bearer a-key"
    assert received == [(path, key, "START"), (path, key, "COMPLETE")]


def test_a_server_that_is_away_is_reported_once_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sent_to(Lineage(kind="http", url="http://127.0.0.1:9"), monkeypatch)
    with caplog.at_level(logging.WARNING, logger="vishwaops"):
        a_stage()
    (line,) = [record.getMessage() for record in caplog.records if record.name == "vishwaops"]
    assert line.startswith("lineage   events are not sent: ")


def test_without_lineage_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    sent_to(Lineage(kind="none"), monkeypatch)
    a_stage()
    assert not events.FILE.exists()


@pytest.mark.parametrize("keys", [{"kind": "http"}, {"kind": "file", "url": "https://lineage.example"}])
def test_only_a_server_has_a_url(keys: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="expected a url of kind: http, and of no other kind"):
        Lineage.model_validate(keys)


@pytest.mark.parametrize("url", ["http://lineage.example", "https://user@lineage.example", "ftp://lineage.example"])
def test_events_go_encrypted_or_stay_on_this_machine(url: str) -> None:
    with pytest.raises(ValueError, match="url"):
        profile.Lineage(kind="http", url=url)
