"""The roles that Terraform plans, and what their policies allow."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.terraform.iam import Context, Request, Statement, allowed
from tests.terraform.terraform_runs import planned_resources, terraform

RUN = "roles"
ROLE = ".aws_iam_role.this"
ATTACHED = {"module.ci_plan[0]": ("reading",), "module.ci_apply[0]": ("reading", "changing")}
"""The managed policies of roles, as terraform/modules/identity/github.tf attaches them."""
CONDITION_TESTS = ("StringEquals", "StringLike", "ArnEquals", "ArnLike", "Bool")


@dataclass(frozen=True)
class Role:
    """A planned role. `size` counts the characters of its own policy, as IAM does: without white space."""

    policy: Sequence[Statement]
    trust: Sequence[Statement]
    bounded: bool
    size: int


@dataclass(frozen=True)
class Identity:
    """Roles by name, without the environment's prefix, and managed policies by address."""

    roles: Mapping[str, Role]
    managed: Mapping[str, Sequence[Statement]]

    def may(self, role: str, action: str, resource: str, context: Context | None = None) -> bool:
        """Whether a role can make a call."""
        found = self.roles[role]
        boundary = self.managed["aws_iam_policy.boundary"] if found.bounded else None
        return allowed(Request(action, resource, context or {}), found.policy, boundary)

    def with_every_permission(self) -> "Identity":
        """The same roles, if somebody allowed each of them everything: boundary and refusals remain."""
        every: Statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        roles = {name: replace(role, policy=[*role.policy, every]) for name, role in self.roles.items()}
        return replace(self, roles=roles)

    def reach(self, role: str, words: Sequence[str]) -> Iterator[Request]:
        """Yield a request for each action and resource that the role's policy allows by a name with one of `words`."""
        for statement in self.roles[role].policy:
            if statement["Effect"] == "Allow":
                context = _context(statement.get("Condition", {}), words)
                for action in _many(statement["Action"]):
                    for resource in _many(statement["Resource"]):
                        if any(word in f"{resource} {list(context.values())}" for word in words):
                            yield Request(action.replace("*", "x"), resource.replace("*", "x"), context)


def plan_roles(module: Path, cli_config: Path, **variables: Any) -> Identity:
    """Plan the module identity with the values of its own tests, and `variables` in place of some of them."""
    head = (module / "tests" / "identity.tftest.hcl").read_text().split("\nrun ", 1)[0]
    values = "".join(f"    {name} = {json.dumps(value)}\n" for name, value in variables.items())
    test = module / "tests" / f"{RUN}.tftest.hcl"
    test.write_text(f'{head}\nrun "{RUN}" {{\n  command = plan\n  variables {{\n{values}  }}\n}}\n')
    if not (module / ".terraform").is_dir():
        assert terraform(module, cli_config, "init", "-backend=false").returncode == 0
    run = terraform(module, cli_config, "test", "-json", "-verbose", f"-filter=tests/{test.name}")
    test.unlink()
    return _identity({r["address"]: r["change"]["after"] for r in planned_resources(run.stdout, RUN)})


def identity_of(stored: Mapping[str, Any]) -> Identity:
    """The identity that `dataclasses.asdict` has made a dictionary of."""
    return Identity({name: Role(**role) for name, role in stored["roles"].items()}, stored["managed"])


def size(statements: Sequence[Statement]) -> int:
    """The characters of a policy document, without white space."""
    return len(json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":")))


def _identity(after: Mapping[str, Any]) -> Identity:
    managed = {a: _statements(v["policy"]) for a, v in after.items() if a.startswith("aws_iam_policy.")}
    addresses = [address.removesuffix(ROLE) for address in after if address.endswith(ROLE)]
    prefix = after["module.worker" + ROLE]["name"].removesuffix("worker")
    return Identity(
        {after[a + ROLE]["name"].removeprefix(prefix): _role(after, managed, a) for a in addresses}, managed
    )


def _role(after: Mapping[str, Any], managed: Mapping[str, Sequence[Statement]], address: str) -> Role:
    role, own = after[address + ROLE], _statements(after[f"{address}.aws_iam_role_policy.this"]["policy"])
    names = ATTACHED.get(address, ())
    attached = [statement for name in names for statement in managed[f'aws_iam_policy.ci["{name}"]']]
    trust = _statements(role["assume_role_policy"])
    return Role([*own, *attached], trust, role["permissions_boundary"] is not None, size(own))


def _statements(document: str) -> list[Statement]:
    return list(json.loads(document)["Statement"])


def _context(condition: Mapping[str, Mapping[str, Any]], words: Sequence[str]) -> dict[str, str]:
    """Values that meet a condition, with one of `words` where it has such a value."""
    found = {"aws:RequestedRegion": "us-east-1"}
    for operator, pairs in condition.items():
        assert operator in CONDITION_TESTS, f"{operator}: choose a value that meets it here"
        for key, values in pairs.items():
            named = [value for value in _many(values) if any(word in value for word in words)]
            found[key] = [*named, *_many(values)][0].replace("*", "x")
    return found


def _many(value: Any) -> list[str]:
    return list(value) if isinstance(value, list) else [value]
