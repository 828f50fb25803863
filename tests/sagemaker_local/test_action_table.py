"""The README's table of actions: it is current, and every action with `runs` is called by a test."""

import ast
from collections.abc import Iterator
from pathlib import Path

from botocore import xform_name

from sagemaker_local.action_table import ABSENT, RUNS, every_action, inserted

TESTS = Path(__file__).parents[1]
README = TESTS.parent / "localstack" / "README.md"


def called(file: Path) -> Iterator[str]:
    """The names that a file calls: the method in `client.create_model`, and every string argument of a call."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Call):
            for given in node.args:
                if isinstance(given, ast.Constant) and isinstance(given.value, str):
                    yield given.value


def test_the_table_in_the_readme_is_what_the_code_makes_now() -> None:
    text = README.read_text()
    assert "<!-- actions -->" in text
    assert text == inserted(text), "run: python -m sagemaker_local.action_table localstack/README.md"


def test_no_action_is_listed_as_running_without_a_test_that_calls_it() -> None:
    names = {name for file in TESTS.rglob("test_*.py") for name in called(file)}
    names |= {name for file in TESTS.rglob("*support.py") for name in called(file)}
    untested = [
        action.name
        for action in every_action()
        if action.state == RUNS and not names & {action.name, xform_name(action.name), xform_name(action.name, "-")}
    ]
    assert untested == []


def test_every_action_of_the_service_model_is_in_the_table_once() -> None:
    actions = every_action()
    assert len({(action.api, action.name) for action in actions}) == len(actions) > 400
    states = {action.name: action.state for action in actions}
    assert states["CreateTrainingJob"] == states["InvokeEndpoint"] == states["PutRecord"] == RUNS
    assert states["CreateNotebookInstance"] == "state only"
    assert states["CreateLabelingJob"] == ABSENT
