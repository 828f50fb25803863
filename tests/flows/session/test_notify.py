"""The hook that notifies people when a flow fails."""

import time
from importlib import import_module
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import yaml
from prefect import Flow, flow
from prefect.client.schemas import FlowRun
from prefect.states import Crashed, Failed

from config import settings
from config.notifications import Notifications
from config.profile import Profile, active_profile
from flows.session import hooks
from flows.session.hooks import ENDINGS, notify
from tests.hook_server import HookServer, hook_server

FLOW_RUN: Any = SimpleNamespace(id="8f2c", name="score-student_grades", parameters={"use_case": "student_grades"})
VALUE = "score: expected at most 100, found 117"


@pytest.fixture
def notified(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make these notifications those of the profile."""

    def notified(*servers: HookServer) -> Profile:
        found = Notifications.model_validate({"webhooks": [{"url": server.url} for server in servers]})
        profile = active_profile().model_copy(update={"notifications": found})
        monkeypatch.setattr(hooks, "active_profile", lambda: profile)
        return profile

    return notified


def test_a_flow_that_fails_notifies_with_the_class_of_its_error_and_no_text_of_it(prefect: str, notified: Any) -> None:
    @flow(name="fails", flow_run_name="fails-{use_case}", persist_result=False, **ENDINGS)
    def fails(use_case: str) -> None:
        raise ValueError(VALUE)

    with hook_server() as server:
        notified(server)
        with pytest.raises(ValueError, match="found 117"):
            fails("student_grades")
    (found,) = server.bodies
    facts = {name: found[name] for name in ("flow", "use_case", "state", "error", "name")}
    assert facts == {
        "flow": "fails", "use_case": "student_grades", "state": "Failed", "error": "ValueError",
        "name": "fails-student_grades",
    }  # fmt: skip
    assert found["flow_run"] in found["url"]
    assert "117" not in str(found)


def test_a_crash_without_an_error_notifies(notified: Any) -> None:
    with hook_server() as server:
        notified(server)
        notify(SimpleNamespace(name="score"), FLOW_RUN, Crashed(message=f"the process ended: {VALUE}"))
    (found,) = server.bodies
    assert (found["state"], found["error"], "117" in str(found)) == ("Crashed", None, False)


def test_a_server_that_does_not_answer_does_not_hold_up_the_end_of_the_flow(
    notified: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hooks, "LONGEST_SECONDS", 0.3)
    with hook_server(answers=False) as server:
        notified(server)
        before = time.monotonic()
        notify(SimpleNamespace(name="score"), FLOW_RUN, Failed(message="x"))
        assert time.monotonic() - before < 3
    assert "the flow run ends without it" in caplog.text


def test_nobody_is_notified_by_default() -> None:
    assert active_profile().notifications == Notifications()
    assert not Notifications().webhooks
    assert not Notifications().mail


def flows_of_the_project() -> dict[str, Flow[..., Any]]:
    """Every flow of the package `flows`, by its entrypoint."""
    modules = [import_module(f"flows.{path.stem}") for path in sorted((settings.PROJECT / "flows").glob("[a-z]*.py"))]
    own = [(module, name, each) for module in modules for name, each in vars(module).items() if isinstance(each, Flow)]
    return {f"{module.__name__}.{name}": each for module, name, each in own if each.fn.__module__ == module.__name__}


def test_every_flow_notifies_when_it_fails_and_when_it_crashes() -> None:
    found = flows_of_the_project()
    deployed = yaml.safe_load((settings.PROJECT / "prefect.yaml").read_text())["deployments"]
    assert found.keys() >= {each["entrypoint"] for each in deployed}
    without = [
        name
        for name, each in found.items()
        if notify not in (each.on_failure_hooks or []) or notify not in (each.on_crashed_hooks or [])
    ]
    assert without == []


def test_a_flow_run_is_described_without_a_use_case() -> None:
    run = FlowRun(name="idle-endpoints", flow_id=UUID(int=0))
    found = hooks._failed_run(SimpleNamespace(name="idle-endpoints"), run, Failed(message="x"))
    assert found.text == "vishwaops offline: idle-endpoints has failed"
