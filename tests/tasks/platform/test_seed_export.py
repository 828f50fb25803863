"""The seed is exported from Terraform's state."""

import json
from typing import Any

import pytest

from config.errors import ConfigError
from tasks.platform.seed_export import export, text


def group(use_case: str, description: str) -> dict[str, Any]:
    slug = use_case.replace("_", "-")
    return {
        "address": f'module.registry.aws_sagemaker_model_package_group.this["{use_case}"]',
        "type": "aws_sagemaker_model_package_group",
        "values": {"model_package_group_name": slug, "model_package_group_description": description, "arn": "x"},
    }


def key() -> dict[str, Any]:
    values = {"description": "Data.", "key_id": "1", "id": "1", "arn": "arn:aws:kms:::key/1", "policy": "{}"}
    return {"address": "module.storage.aws_kms_key.this", "type": "aws_kms_key", "values": values}


def alias() -> dict[str, Any]:
    values = {"name": "alias/data", "target_key_id": "1", "target_key_arn": "arn:aws:kms:::key/1"}
    return {"address": "module.storage.aws_kms_alias.this", "type": "aws_kms_alias", "values": values}


def state(*resources: dict[str, Any]) -> dict[str, Any]:
    those = [{"mode": "managed", **resource} for resource in resources]
    return {"values": {"root_module": {"resources": [], "child_modules": [{"resources": those}]}}}


def exported(*storage: dict[str, Any]) -> list[dict[str, Any]]:
    return export(state(*storage, group("one_case", "Versions of one_case.")))["platform"]


def test_a_use_cases_resources_have_placeholders_for_its_name() -> None:
    (found,) = export(state(group("one_case", "Of one_case."), group("two_case", "Of two_case.")))["use_case"]
    assert found["address"] == "module.registry.aws_sagemaker_model_package_group.this['${use_case}']"
    assert found["values"] == {
        "model_package_group_name": "${slug}",
        "model_package_group_description": "Of ${use_case}.",
    }


def test_keys_come_first_and_an_assigned_id_is_a_reference_to_its_resource() -> None:
    made, named = exported(alias(), key())
    assert (made["type"], named["type"]) == ("aws_kms_key", "aws_kms_alias")
    assert named["values"] == {
        "name": "alias/data",
        "target_key_id": "${module.storage.aws_kms_key.this.id}",
    }


def test_what_terraform_only_reads_is_left_out() -> None:
    address = "module.storage.data.aws_partition.current"
    read = {"mode": "data", "address": address, "type": "aws_partition", "values": {"partition": "aws"}}
    assert [found["type"] for found in exported(read, key())] == ["aws_kms_key"]


def test_attributes_that_are_no_arguments_are_left_out() -> None:
    assert exported(key())[0]["values"].keys() == {"description", "policy"}


def test_use_cases_with_different_resources_are_refused() -> None:
    with pytest.raises(ConfigError, match="expected equal resources for the use cases one and two, found different"):
        export(state(group("one", "a"), group("two", "b")))


def test_the_text_ends_with_a_line_end_and_holds_the_export() -> None:
    found = state(group("one_case", "Of one_case."))
    assert json.loads(text(found)) == export(found)
    assert text(found).endswith("}\n")
