"""The offline platform without Terraform: the same as an apply makes, as far as the flows use it.

terraform/environments/offline/stand_in.json says what that is. It is taken from what Terraform really made
(`make stand-in`), and a test compares a cloud that Terraform was applied to with one that this module filled.
"""

import json
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any

from botocore.exceptions import ClientError

from config import settings
from config.errors import NoPlatform
from config.profile import active_profile
from config.use_case import use_case_names
from offline_cloud import state
from offline_platform import resources
from tasks import clients
from tasks.platform import COMPLETE, platform, read_platform
from tasks.progress import log

CONTENT = settings.PROJECT / "terraform" / "environments" / "offline" / "stand_in.json"
MARK = "stand_in"
"""Below this parameter stands what the stand-in has made."""
BY_TERRAFORM = "vishwaops platform --with terraform"
THERE_ALREADY = ("AlreadyExists", "EntityAlreadyExists", "ResourceAlreadyExists", "BucketAlreadyOwnedByYou")


def ensure_platform() -> None:
    """Make the offline platform unless it is there. What is cut short is not seen as one, and made again."""
    with state.locked(settings.STATE / "platform"):
        if read_platform() is not None:
            return
        log.info("platform  the stand-in makes it; to apply the real one to an empty cloud: %s", BY_TERRAFORM)
        _write(f"{MARK}/platform", "yes")
        known = _make(_content()["platform"], {})
        for name in use_case_names():
            _make(_content()["use_case"], known, name)
        _write(COMPLETE, ",".join(use_case_names()))
        platform.cache_clear()


def ensure_use_case(use_case: str) -> None:
    """Make a use case's part of the offline platform unless it is there: one that Terraform has not seen yet."""
    if platform().knows(use_case):
        return
    with state.locked(settings.STATE / "platform"):
        _write(f"{MARK}/{use_case}", "yes")
        _make(_content()["use_case"], _keys(), use_case)
        platform.cache_clear()


def refuse_to_be_in_the_way() -> None:
    """Raise NoPlatform where Terraform would find that the stand-in has made, or begun, what it is to make."""
    path = f"{active_profile().parameters}/{MARK}"
    pages = clients.ssm().get_paginator("get_parameters_by_path").paginate(Path=path)
    made = {found["Name"].rsplit("/", 1)[-1] for page in pages for found in page["Parameters"]}
    if clash := sorted(made & {"platform", *use_case_names()}):
        raise NoPlatform(
            f"the offline cloud: expected an empty one for Terraform, found {', '.join(clash)} made by the stand-in. "
            "Start an empty one: vishwaops down && vishwaops up"
        )


@cache
def _content() -> dict[str, list[dict[str, Any]]]:
    return json.loads(CONTENT.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def _make(wanted: list[dict[str, Any]], known: Mapping[str, str], use_case: str = "") -> dict[str, str]:
    """Make the resources in turn; `known` are the ids that those before them were given, by reference."""
    given = dict(known)
    for resource in wanted:
        values = json.loads(_resolved(resource["values"], given, use_case))
        try:
            made = resources.MAKERS[resource["type"]](values)
        except ClientError as error:
            if not _there_already(error):
                raise
            made = {}
        given |= {f"{resource['address']}.{name}": value for name, value in made.items()}
    return given


def _keys() -> dict[str, str]:
    """The ARNs of the keys that are there, by reference."""
    known = {}
    for alias in (resource["values"] for resource in _content()["platform"] if resource["type"] == "aws_kms_alias"):
        key = clients.client("kms").describe_key(KeyId=alias["name"])["KeyMetadata"]
        known[alias["target_key_id"].removeprefix("${").removesuffix(".id}") + ".arn"] = key["Arn"]
    return known


def _resolved(values: Mapping[str, Any], given: Mapping[str, str], use_case: str) -> str:
    text = json.dumps(values)
    for reference, value in given.items():
        text = text.replace(f"${{{reference}}}", value)
    return text.replace("${use_case}", use_case).replace("${slug}", use_case.replace("_", "-"))


def _there_already(error: ClientError) -> bool:
    found = error.response["Error"]
    return any(found["Code"].startswith(code) for code in THERE_ALREADY) or "already exist" in found["Message"]


def _write(name: str, value: str) -> None:
    path = f"{active_profile().parameters}/{name}"
    clients.ssm().put_parameter(Name=path, Value=value, Type="String", Overwrite=True)


def main() -> int:
    """Exit with 1 where an apply would find the stand-in's resources in its way."""
    try:
        refuse_to_be_in_the_way()
    except NoPlatform as error:
        print(f"vishwaops: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
