"""Each command of the guides for people: its program, target, arguments, AWS operation and files exist."""

import contextlib
import io
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from awscli.clidriver import create_clidriver
from prefect.cli._app import _app as prefect

from config.profile import load_profile
from config.use_case import UseCase, load_use_case, use_case_names
from flows.commands.main import _options
from tests.terraform import guides
from tests.test_project import PROJECT

TERRAFORM = PROJECT / "terraform"
PAGES = ["first-day.md", "runbook.md", "operations.md", "README.md", "modules/orchestration/README.md"]
MAKEFILE = (PROJECT / "Makefile").read_text()
WORKFLOWS = {path.name: path.read_text() for path in (PROJECT / ".github" / "workflows").glob("*.yml")}
PLACEHOLDERS = {"ID": str(UUID(int=1)), "VERSION": "1"}
"""What a guide writes for a value that is not known before, and such a value."""


class Called(BaseException):
    """The AWS CLI has accepted the arguments and would send a request now. It would handle an Exception by itself."""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, list[list[str]]]]:
    """Where the commands of each page ran, and the arguments of each."""
    folders = {page: tmp_path_factory.mktemp("guide") for page in PAGES}
    return {page: (folder, guides.run(TERRAFORM / page, folder)) for page, folder in folders.items()}


@pytest.fixture
def calls(
    ran: dict[str, tuple[Path, list[list[str]]]], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> list[list[str]]:
    folder, found = ran[request.param]
    monkeypatch.chdir(folder)
    return found + guides.in_text(TERRAFORM / request.param)


@pytest.fixture
def first_day(ran: dict[str, tuple[Path, list[list[str]]]]) -> Path:
    return ran["first-day.md"][0]


each_page = pytest.mark.parametrize("calls", PAGES, indirect=True)


def of(calls: list[list[str]], program: str) -> Iterator[list[str]]:
    return (arguments for name, *arguments in calls if name == program)


@each_page
def test_each_make_target_and_its_variables_exist(calls: list[list[str]]) -> None:
    for arguments in of(calls, "make"):
        assignments = [each.partition("=")[0] for each in arguments if "=" in each]
        targets = [each for each in arguments if "=" not in each]
        assert targets
        assert [each for each in targets if not re.search(rf"(?m)^{re.escape(each)}:", MAKEFILE)] == []
        assert [each for each in assignments if f"$({each})" not in MAKEFILE and f"$({each}," not in MAKEFILE] == []


@each_page
def test_each_vishwaops_command_takes_its_arguments(calls: list[list[str]]) -> None:
    for arguments in of(calls, "vishwaops"):
        words = [PLACEHOLDERS.get(each, each) for each in arguments if each != "--no-prompt"]
        if words[0] == "prefect":
            prefect.parse_args(words[1:], exit_on_error=False, print_error=False)
        else:
            assert _options(words).command


@each_page
def test_each_aws_command_is_an_operation_with_these_parameters(
    calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "us-east-1")
    refused = {" ".join(each): problem for each in of(calls, "aws") if (problem := refusal(each))}
    assert refused == {}


def refusal(arguments: list[str]) -> str:
    """What the AWS CLI says against the arguments; empty when it would send the request. Nothing is sent."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        try:
            driver().main(arguments)
        except Called:
            return ""
    return said.getvalue() or "it sends nothing"


@cache
def driver() -> Any:
    made = create_clidriver()
    made.session.register("before-call", send)
    return made


def send(**_: Any) -> None:
    raise Called


def test_an_unknown_option_a_missing_one_and_a_wrong_value_are_found() -> None:
    assert "Unknown options: --nme" in refusal(["ssm", "get-parameter", "--name", "a", "--nme", "b"])
    assert "--name" in refusal(["ssm", "get-parameter"])
    assert "Invalid choice" in refusal(["logs", "tale", "group"])


@each_page
def test_each_variable_secret_and_workflow_of_github_is_used(calls: list[list[str]]) -> None:
    text = "".join(WORKFLOWS.values())
    for kind, action, *names in of(calls, "gh"):
        name, *rest = names or [""]
        if kind in ("variable", "secret"):
            assert f"{'vars' if kind == 'variable' else 'secrets'}.{name}" in text
        elif kind == "workflow":
            assert (action, name in WORKFLOWS) == ("run", True)
            inputs = yaml.safe_load(WORKFLOWS[name])[True]["workflow_dispatch"]["inputs"]
            assert {each.partition("=")[0] for each in rest if "=" in each} == inputs.keys()


@each_page
def test_each_script_gets_an_environment_and_terraform_a_folder(calls: list[list[str]]) -> None:
    for arguments in of(calls, "terraform/prefect-tunnel.sh"):
        assert (TERRAFORM / "environments" / arguments[0]).is_dir()
    for option, *_ in of(calls, "terraform"):
        folder = option.removeprefix("-chdir=")
        assert folder == option or (PROJECT / folder).is_dir(), option


@pytest.mark.parametrize("page", PAGES)
def test_each_file_that_is_named_exists(page: str) -> None:
    named = re.findall(
        r"`((?:\.github|config|flows|localstack|tasks|terraform|tests)/[\w./-]+)`", (TERRAFORM / page).read_text()
    )
    assert [each for each in named if not (PROJECT / each).exists()] == []


def test_the_scripts_that_a_guide_runs_exist() -> None:
    assert [name for name in guides.SCRIPTS if not (PROJECT / name).is_file()] == []


def test_the_values_of_the_first_day_leave_no_example_behind(first_day: Path) -> None:
    files = {path.name: path.read_text() for path in (first_day / "terraform" / "environments" / "dev").iterdir()}
    for example in ("111111111111", "example.org", '"example/'):
        assert [name for name, text in files.items() if example in text] == []
    assert f'"vishwaops-dev-state-{guides.ACCOUNT}"' in files["backend.hcl"]
    assert re.search(rf'image_tag += "{guides.COMMIT}"', files["platform.tfvars"])


def test_each_value_to_fill_in_is_a_variable() -> None:
    declared = "".join((TERRAFORM / root / "variables.tf").read_text() for root in ("bootstrap", "platform"))
    values = (TERRAFORM / "first-day.md").read_text().partition("| file | value |")[2].partition("\n\n")[0]
    names = [name for row in values.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[2])]
    assert len(names) > 10
    settings = "".join(path.read_text() for path in (TERRAFORM / "environments" / "dev").glob("backend.hcl"))
    assert [name for name in names if f'variable "{name}"' not in declared and f"{name} " not in settings] == []


def _jobs_at_once(case: UseCase) -> int:
    return sum(candidate.tune.parallel if candidate.tune else 1 for candidate in case.candidates)


def test_the_quotas_are_those_that_a_run_and_a_deployment_need() -> None:
    profile, cases = load_profile("aws"), [load_use_case(name) for name in use_case_names()]
    requests = [case.hosting.max_concurrency for case in cases if case.hosting.kind == "serverless"]
    needed = {
        f"{profile.jobs.instance_type} for training job usage": max(map(_jobs_at_once, cases)),
        f"{profile.jobs.instance_type} for processing job usage": 1,
        f"{profile.transform.instance_type} for transform job usage": profile.transform.instance_count,
        "Maximum total concurrency that can be allocated across all serverless endpoints": sum(requests)
        + max(requests),
    }
    table = dict(re.findall(r"(?m)^\| ([^|]+), `sagemaker` \| (\d+) \|", (TERRAFORM / "first-day.md").read_text()))
    assert {name: int(table[name]) for name in needed} == needed


def test_the_row_of_the_first_day_has_the_features_of_its_use_case(first_day: Path) -> None:
    (row,) = json.loads((first_day / "row.json").read_text())["instances"]
    case = load_use_case("student_enrollment")
    assert set(row) == set(case.features)
    for name, value in row.items():
        column: Any = case.columns[name]
        assert value in column.categories if column.categories else column.minimum <= value <= column.maximum
