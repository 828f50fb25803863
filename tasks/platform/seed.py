"""Creates the offline platform without Terraform: those of Terraform's resources that the flows use.

terraform/environments/offline/seed.json lists them. It is exported from an applied environment (`make seed-export`). A
test compares a cloud after an apply with a seeded one.

`python -m tasks.platform.seed` exits with 1 when seeded resources would conflict with an apply.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from botocore.exceptions import ClientError

from config import settings
from config.errors import NoPlatform
from config.profile import active_profile
from config.use_case import use_case_names
from sagemaker_local.private_files import file_lock
from tasks import clients
from tasks.platform.parameters import COMPLETE, platform, read_platform
from tasks.platform.seed_resources import CREATORS
from tasks.progress import log

CONTENT = settings.PROJECT / "terraform" / "environments" / "offline" / "seed.json"
MARK = "seed"
"""The path of the parameters that mark what is seeded: `platform`, or a use case's name."""
BY_TERRAFORM = "vishwaops platform --with terraform"
ALREADY_EXISTS = ("AlreadyExists", "EntityAlreadyExists", "ResourceAlreadyExists", "BucketAlreadyOwnedByYou")


def seed_platform() -> None:
    """Create the offline platform unless it is complete. An incomplete platform is created again."""
    with file_lock(settings.STATE / "platform" / "lock"):
        if read_platform() is not None:
            return
        log.info("platform  made from the seed; to apply Terraform to an empty cloud: %s", BY_TERRAFORM)
        _write(f"{MARK}/platform", "true")
        assigned = _create(_content()["platform"], {})
        for name in use_case_names():
            _create(_content()["use_case"], assigned, name)
        _write(COMPLETE, ",".join(use_case_names()))
        platform.cache_clear()


def seed_use_case(use_case: str) -> None:
    """Create the resources of a use case on the offline platform unless they exist."""
    if platform().knows(use_case):
        return
    with file_lock(settings.STATE / "platform" / "lock"):
        _write(f"{MARK}/{use_case}", "true")
        _create(_content()["use_case"], _keys() | _vpcs(), use_case)
        platform.cache_clear()
        _write(COMPLETE, ",".join(sorted({*platform().use_cases, use_case})))
        platform.cache_clear()


def require_unseeded() -> None:
    """Raise NoPlatform when the cloud has seeded resources, which would conflict with an apply."""
    path = f"{active_profile().parameters}/{MARK}"
    pages = clients.ssm().get_paginator("get_parameters_by_path").paginate(Path=path)
    seeded = {found["Name"].rsplit("/", 1)[-1] for page in pages for found in page["Parameters"]}
    if clash := sorted(seeded & {"platform", *use_case_names()}):
        raise NoPlatform(
            f"the offline cloud: expected an empty cloud for Terraform, found {', '.join(clash)} made from the seed. "
            "Start an empty cloud: vishwaops down && vishwaops up"
        )


@cache
def _content() -> dict[str, list[dict[str, Any]]]:
    return json.loads(CONTENT.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def _create(wanted: list[dict[str, Any]], assigned: Mapping[str, str], use_case: str = "") -> dict[str, str]:
    """Create the resources in order. Returns `assigned` with the new ids and ARNs that AWS assigned, by reference."""
    known = dict(assigned)
    for resource in wanted:
        values = json.loads(_resolved(resource["values"], known, use_case))
        try:
            created = CREATORS[resource["type"]](values)
        except ClientError as error:
            if not _already_exists(error):
                raise
            created = {}
        known |= {f"{resource['address']}.{name}": value for name, value in created.items()}
    return known


def _keys() -> dict[str, str]:
    """The ARNs of the platform's KMS keys, by reference."""
    known = {}
    for alias in (resource["values"] for resource in _content()["platform"] if resource["type"] == "aws_kms_alias"):
        key = clients.client("kms").describe_key(KeyId=alias["name"])["KeyMetadata"]
        known[alias["target_key_id"].removeprefix("${").removesuffix(".id}") + ".arn"] = key["Arn"]
    return known


def _vpcs() -> dict[str, str]:
    """The ids of the platform's VPC, by reference."""
    known = {}
    for vpc in (resource for resource in _content()["platform"] if resource["type"] == "aws_vpc"):
        wanted = [{"Name": "cidr", "Values": [vpc["values"]["cidr_block"]]}]
        for found in clients.client("ec2").describe_vpcs(Filters=wanted)["Vpcs"]:
            known[vpc["address"] + ".id"] = found["VpcId"]
    return known


def _resolved(values: Mapping[str, Any], known: Mapping[str, str], use_case: str) -> str:
    text = json.dumps(values)
    for reference, value in known.items():
        text = text.replace(f"${{{reference}}}", value)
    return text.replace("${use_case}", use_case).replace("${slug}", use_case.replace("_", "-"))


def _already_exists(error: ClientError) -> bool:
    found = error.response["Error"]
    return any(found["Code"].startswith(code) for code in ALREADY_EXISTS) or "already exist" in found["Message"]


def _write(name: str, value: str) -> None:
    path = f"{active_profile().parameters}/{name}"
    clients.ssm().put_parameter(Name=path, Value=value, Type="String", Overwrite=True)


if __name__ == "__main__":
    try:
        require_unseeded()
    except NoPlatform as error:
        raise SystemExit(f"vishwaops: {error}") from error
