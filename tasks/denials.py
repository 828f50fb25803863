"""Explains a call that IAM or a policy denies: who may not do what, on which resource, and what to change."""

import re

from botocore.model import OperationModel

from config.errors import AccessDenied

DENIAL = re.compile(
    r"(?:User: (?P<user>\S+) is )?not authorized to perform: (?P<action>[\w-]+:\w+)"
    r"(?: on resource: \"?(?P<resource>[^\s\"]+)\"?)?,?(?: (?P<why>(?:because|with) .*))?",
    re.DOTALL,
)
"""IAM's message for a denied call (IAM User Guide, "Troubleshoot access denied error messages")."""
POLICIES = {
    "service control policy": "Ask the organization's administrators to change its service control policy",
    "resource control policy": "Ask the organization's administrators to change its resource control policy",
    "VPC endpoint policy": "Allow the action in the VPC endpoint's policy (terraform/modules/network)",
    "permissions boundary": "Allow the action in the permissions boundary (terraform/modules/identity)",
    "session policy": "Allow the action in the session's policy, or assume the role without one",
    "resource-based policy": "Change the policy of the bucket or the key (terraform/modules/storage)",
}
"""What to do, by the kind of policy that IAM's message names."""
OF_THE_ROLE = "Add the action to the role's policy (terraform/modules/identity), or use a role that has it"
PREFIXES = {"monitoring": "cloudwatch"}
"""IAM's prefixes of the services whose signing name is another."""
ACTIONS = {
    "HeadObject": "GetObject",
    "HeadBucket": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListBuckets": "ListAllMyBuckets",
}
"""IAM's names of S3's calls that are called otherwise."""


def access_denied(message: str, action: str, resource: str) -> AccessDenied:
    """Return the error for AWS's message. `action` and `resource` are those of the call, for a message without them."""
    found = match.groupdict() if (match := DENIAL.search(message)) else {}
    why = (found.get("why") or "").removeprefix("because ") or ("" if found else message)
    remedy = next((text for kind, text in POLICIES.items() if kind in why), OF_THE_ROLE)
    place, user = found.get("resource") or resource, found.get("user")
    what = f"{found.get('action') or action}{f' on {place}' if place else ''}{f' to {user}' if user else ''}"
    return AccessDenied(f"AWS denies {what}{': ' if why else ''}{why.rstrip('.')}. {remedy}")


def action_of(model: OperationModel) -> str:
    """IAM's name of an operation."""
    service = str(model.service_model.signing_name)
    return f"{PREFIXES.get(service, service)}:{ACTIONS.get(model.name, model.name)}"
