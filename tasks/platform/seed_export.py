"""Exports the resources to seed from the Terraform state of an offline environment: `make seed-export`.

`python -m tasks.platform.seed_export` reads the output of `terraform show -json` and prints the seed.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from config.errors import ConfigError
from tasks.platform.seed_resources import CREATORS

PLATFORM = (
    r"module\.storage\..*",
    r"module\.network\[0\]\.aws_(vpc\.this\[0\]|subnet\.private.*|security_group\.this\['job'\])",
    r"module\.identity\.aws_iam_policy\.boundary",
    r"module\.alerts\.aws_sns_topic(_policy)?\.this",
    r"module\.observability\.aws_cloudwatch_log_group\.this\['[A-Z]\w+'\]",
    r"module\.observability\.aws_cloudwatch_metric_alarm\.(drift|quality|no_data).*",
    r"module\.serving\.aws_cloudwatch_metric_alarm\.concurrency.*",
    r"aws_ssm_parameter\.this\['(bucket/.*|glue/database|image/(?:model|(?:spark_)?registry)|key/(?:data|signing)|metrics/namespace|serving/variant|tags|network/.*)'\]",
)
USE_CASE = (
    r"module\.identity\.module\.(job|endpoint|features)\['(?P<use_case>\w+)'\].*",
    r"module\.registry\.aws_sagemaker_model_package_group\.this\['(?P<use_case>\w+)'\]",
    r"module\.serving\.aws_cloudwatch_metric_alarm\.(errors|latency)\['(?P<use_case>\w+)'\]",
    r"module\.observability\.aws_cloudwatch_log_group\.this\['(?P<use_case>[a-z]\w+)'\]",
    r"aws_ssm_parameter\.this\['(role/job|role/endpoint|role/features|model_package_group|endpoint|guardrail_alarms)/(?P<use_case>\w+)'\]",
)
"""Patterns of Terraform addresses. Those of USE_CASE are seeded for each use case."""

BUCKET_PARTS = ("rule", "versioning_configuration", "policy", "target_bucket", "target_prefix", "eventbridge")
ARGUMENTS = {
    "name", "description", "policy", "tags", "target_key_id", "bucket", "block_public_acls", "block_public_policy",
    "ignore_public_acls", "restrict_public_buckets", "assume_role_policy", "permissions_boundary",
    "max_session_duration", "role", "kms_master_key_id", "kms_key_id", "retention_in_days", "alarm_name",
    "alarm_description", "namespace", "metric_name", "dimensions", "period", "evaluation_periods", "threshold",
    "comparison_operator", "treat_missing_data", "alarm_actions", "ok_actions", "datapoints_to_alarm",
    "extended_statistic", "statistic", "model_package_group_name", "model_package_group_description", "cidr_block",
    "vpc_id", "availability_zone", "value", "type", "customer_master_key_spec", "key_usage", *BUCKET_PARTS,
}  # fmt: skip
ARN_IS_AN_ARGUMENT = ("aws_sns_topic_policy",)
POLICY_IS_ANOTHER_RESOURCE = ("aws_s3_bucket", "aws_sns_topic")
ID_IS_ASSIGNED = ("aws_kms_key", "aws_vpc", "aws_subnet", "aws_security_group")


def export(state: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the resources to seed, from the output of `terraform show -json`.

    Raises ConfigError when the resources of two use cases differ by more than the name.
    """
    every = sorted(_resources(state["values"]["root_module"]), key=_order)
    references = _references(every)
    by_use_case: dict[str, list[str]] = {}
    for resource in every:
        if use_case := _use_case(resource["address"]):
            text = _text(resource, references).replace(use_case, "${use_case}")
            by_use_case.setdefault(use_case, []).append(text.replace(use_case.replace("_", "-"), "${slug}"))
    platform = [_text(resource, references) for resource in every if _matches(PLATFORM, resource["address"])]
    return {"platform": _loaded(platform), "use_case": _loaded(_equal(by_use_case))}


def _resources(module: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for resource in module.get("resources", []):
        if resource["mode"] == "managed":
            yield {**resource, "address": resource["address"].replace('"', "'")}
    for child in module.get("child_modules", []):
        yield from _resources(child)


def _order(resource: dict[str, Any]) -> tuple[int, str]:
    types = list(CREATORS)
    return (types.index(resource["type"]) if resource["type"] in types else len(types), resource["address"])


def _references(resources: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Return the reference for each id and key's ARN that the cloud assigned. ARNs come first: they contain the ids."""
    named = [resource for resource in resources if resource["type"] in ID_IS_ASSIGNED]
    keys = [resource for resource in named if resource["type"] == "aws_kms_key"]
    return {
        resource["values"][part]: f"${{{resource['address']}.{part}}}"
        for part, those in (("arn", keys), ("id", named))
        for resource in those
    }


def _matches(patterns: Iterable[str], address: str) -> re.Match[str] | None:
    return next((found for pattern in patterns if (found := re.fullmatch(pattern, address))), None)


def _use_case(address: str) -> str | None:
    found = _matches(USE_CASE, address)
    return found["use_case"] if found else None


def _text(resource: dict[str, Any], references: dict[str, str]) -> str:
    values = {name: value for name, value in resource["values"].items() if _exported(resource["type"], name)}
    text = json.dumps(values, sort_keys=True)
    for assigned, reference in references.items():
        text = text.replace(assigned, reference)
    return json.dumps({"type": resource["type"], "address": resource["address"], "values": json.loads(text)})


def _exported(kind: str, name: str) -> bool:
    if name == "arn":
        return kind in ARN_IS_AN_ARGUMENT
    return name in ARGUMENTS and not (name == "policy" and kind in POLICY_IS_ANOTHER_RESOURCE)


def _equal(by_use_case: dict[str, list[str]]) -> list[str]:
    first, *others = by_use_case
    for other in others:
        if by_use_case[other] != by_use_case[first]:
            raise ConfigError(
                f"terraform: expected equal resources for the use cases {first} and {other}, found different ones. "
                "Seed only equal resources: change USE_CASE in tasks/platform/seed_export.py"
            )
    return by_use_case[first]


def _loaded(texts: list[str]) -> list[dict[str, Any]]:
    return [json.loads(text) for text in texts]


def text(state: dict[str, Any]) -> str:
    """The content of seed.json."""
    return json.dumps(export(state), indent=1) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text(json.load(sys.stdin)))
