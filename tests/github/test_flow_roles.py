"""The role of each deployment's flow runs, on a real Prefect server with an ECS work pool."""

import runpy
from typing import Any

import pytest
import yaml

from tests.github.ecs_deployment import PROJECT, ROLE_PARAMETERS, deployments_file


def test_each_deployment_runs_as_its_use_case_s_role(deployed: dict[str, Any]) -> None:
    found = {name: variables["task_role_arn"] for name, variables in deployed["variables"].items()}
    assert {name: role.removeprefix("arn:aws:iam::1:role/vishwaops-dev-flow-") for name, role in found.items()} == {
        "cake-popularity": "cake_popularity",
        "cake-popularity-feedback": "cake_popularity",
        "cake-popularity-ingest": "cake_popularity",
        "cake-popularity-monitor": "cake_popularity",
        "cake-popularity-retrain": "cake_popularity",
        "course-recommendation": "course_recommendation",
        "course-recommendation-feedback": "course_recommendation",
        "course-recommendation-monitor": "course_recommendation",
        "idle-endpoints": "student_enrollment",
        "student-enrollment": "student_enrollment",
        "student-enrollment-feedback": "student_enrollment",
        "student-enrollment-monitor": "student_enrollment",
        "student-enrollment-retrain": "student_enrollment",
        "student-enrollment-score": "student_enrollment",
        "student-grades": "student_grades",
        "student-grades-feedback": "student_grades",
        "student-grades-monitor": "student_grades",
        "student-grades-retrain": "student_grades",
        "student-grades-score": "student_grades",
    }


def test_ecs_starts_a_flow_run_with_its_deployment_s_role_in_the_pool_s_family(deployed: dict[str, Any]) -> None:
    overrides = deployed["job"]["task_run_request"]["overrides"]
    assert overrides["taskRoleArn"] == "arn:aws:iam::1:role/vishwaops-dev-flow-student_grades"
    assert deployed["job"]["task_definition"]["family"] == "vishwaops-dev-flow"


def test_the_rest_of_prefect_yaml_is_unchanged() -> None:
    given, found = yaml.safe_load((PROJECT / "prefect.yaml").read_text()), yaml.safe_load(deployments_file())
    for deployment in found["deployments"]:
        del deployment["work_pool"]["job_variables"]
    assert found == given


def test_a_deployment_without_a_role_is_named_before_anything_is_deployed() -> None:
    functions: dict[str, Any] = runpy.run_path(str(PROJECT / ".github" / "flow_roles.py"))
    project = {"deployments": [{"name": "new", "parameters": {"use_case": "cakes"}, "work_pool": {"name": "p"}}]}
    with pytest.raises(ValueError, match=r"deployment new: .* one of cake_popularity, .*; found cakes\. Apply"):
        functions["with_roles"](project, functions["roles"](ROLE_PARAMETERS))
