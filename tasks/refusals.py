"""Explains AWS's refusals: access, credentials, quotas, throttling, internal errors. `tasks.clients` installs it.

A refusal becomes an error of config/errors.py. Any other error of a call stays botocore's ClientError: whether a
missing object or an existing name is an error is the caller's decision.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError
from botocore.model import OperationModel

from config.errors import BadCredentials, QuotaExceeded, Unavailable, VishwaOpsError
from config.profile import active_profile
from tasks.denials import access_denied, action_of

RESOURCE = "vishwaops_resource"
"""The key of botocore's request context for the resource that a call names."""
DENIED = ("AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation", "403")
CREDENTIALS = (
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "InvalidToken",
    "MissingAuthenticationToken",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
    "UnrecognizedClientException",
)
NO_CREDENTIALS = (
    "CredentialRetrievalError",
    "NoCredentialsError",
    "PartialCredentialsError",
    "SSOTokenLoadError",
    "TokenRetrievalError",
    "UnauthorizedSSOTokenError",
)
"""The names of botocore's errors for credentials that it can't find or refresh."""
QUOTAS = ("ResourceLimitExceeded", "ServiceQuotaExceededException", "LimitExceededException", "LimitExceeded")
THROTTLED = ("requestlimitexceeded", "slowdown", "throttl", "throughputexceeded", "toomanyrequests", "modelnotready")
"""Parts of AWS's error codes for calls that are refused before any work, in lower case."""
SLOW = "RequestTimeout"
"""S3's code when the body of a request arrives too slowly."""
NOT_IMPLEMENTED = 501
QUOTA = re.compile(
    r"limit '(?P<name>[^']+)' is (?P<limit>[\d,]+) \w+, with current utilization of (?P<used>[\d,]+) \w+ "
    r"and a request delta of (?P<delta>[\d,]+)"
)
"""SageMaker's message for ResourceLimitExceeded."""


def note_resource(params: Any, context: dict[str, Any], **_: Any) -> None:
    """Handle botocore's event `before-parameter-build`: store what the call names, for the message of a refusal."""
    context[RESOURCE] = named_resource(params) if isinstance(params, Mapping) else ""


def explain_refusal(
    http_response: Any, parsed: dict[str, Any], model: OperationModel, context: dict[str, Any], **_: Any
) -> None:
    """Handle botocore's event `after-call`: raise an error of ours when AWS refuses a call."""
    found = parsed.get("Error", {})
    if http_response.status_code < 300 or _is_left_to_caller(model, found.get("Code", "")):
        return
    refusal = Refusal(
        status=http_response.status_code,
        code=str(found.get("Code", "")),
        message=str(found.get("Message", "")),
        operation=model.name,
        action=action_of(model),
        resource=context.get(RESOURCE, ""),
    )
    if (error := explained_refusal(refusal)) is not None:
        raise error from ClientError(parsed, model.name)  # type: ignore[arg-type]


def _is_left_to_caller(model: OperationModel, code: str) -> bool:
    """Whether an endpoint has no capacity for now, or is still loading its model: callers wait and send again."""
    return str(model.service_model.service_name) == "sagemaker-runtime" and is_throttled(code)


def explain_missing_credentials(exception: Exception, **_: Any) -> None:
    """Handle botocore's event `after-call-error`: raise BadCredentials when botocore finds no credentials."""
    if (error := explained_error(exception)) is not None:
        raise error from exception


def explained_error(error: Exception) -> VishwaOpsError | None:
    """Return our error for one of botocore, also of a library's own client; None for another."""
    if type(error).__name__ in NO_CREDENTIALS:
        return bad_credentials(str(error))
    if not isinstance(error, ClientError):
        return None
    found, status = error.response.get("Error", {}), error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    operation = error.operation_name
    return explained_refusal(
        Refusal(status, found.get("Code", ""), found.get("Message", ""), operation, action=operation, resource="")
    )


@dataclass(frozen=True)
class Refusal:
    """An error response of AWS: its HTTP status, code and message; the call, IAM's action and the named resource."""

    status: int
    code: str
    message: str
    operation: str
    action: str
    resource: str


def explained_refusal(refusal: Refusal) -> VishwaOpsError | None:
    """Return the error to raise; None for an error that the caller of the operation decides on."""
    if refusal.code in DENIED:
        return access_denied(refusal.message, refusal.action, refusal.resource)
    if refusal.code in CREDENTIALS:
        return bad_credentials(f"{refusal.code}: {refusal.message}")
    if refusal.code in QUOTAS:
        return quota_exceeded(refusal)
    if is_temporary(refusal.code, refusal.status):
        return unavailable(refusal)
    return None


def is_temporary(code: str, status: int) -> bool:
    """Whether the same call may succeed later: AWS throttles it, or has an internal error."""
    return (status >= 500 and status != NOT_IMPLEMENTED) or code == SLOW or is_throttled(code)


def is_throttled(code: str) -> bool:
    """Whether AWS refuses a call for now, before any work."""
    return any(part in code.lower() for part in THROTTLED)


def bad_credentials(found: str) -> BadCredentials:
    """The error for credentials that AWS refuses, or that botocore does not find."""
    return BadCredentials(
        f"expected valid credentials for AWS, found: {found.rstrip('.')}. Sign in again (aws sso login, or new keys), "
        "check this machine's clock, and run the command again: it uses the jobs that exist"
    )


def quota_exceeded(refusal: Refusal) -> QuotaExceeded:
    """The error for a quota that is used up. It may pass when the quota is large enough for the call alone."""
    raise_it = (
        f"To raise it, request an increase in Service Quotas (region {active_profile().region}), or choose another "
        "instance type in config/profiles/"
    )
    if (match := QUOTA.search(refusal.message)) is None:
        return QuotaExceeded(f"AWS refuses {refusal.operation}: {refusal.message.rstrip('.')}. {raise_it}")
    limit, used, delta = (int(match[part].replace(",", "")) for part in ("limit", "used", "delta"))
    return QuotaExceeded(
        f"{refusal.operation} {refusal.resource}: expected {delta} free of the quota '{match['name']}', "
        f"found {used} of {limit} in use. {raise_it}",
        may_pass=delta <= limit,
    )


def unavailable(refusal: Refusal) -> Unavailable:
    """The error for throttling, or for an internal error of the service."""
    what = "refuses for now" if refusal.status < 500 or is_throttled(refusal.code) else "fails in"
    status = "vishwaops status" if active_profile().offline else "AWS's status page"
    return Unavailable(
        f"AWS {what} {refusal.operation} {refusal.resource}: {refusal.code}: {refusal.message.rstrip('.')}. "
        f"Run the command again in some minutes; see {status}"
    )


def named_resource(parameters: Mapping[str, Any]) -> str:
    """The resource that a call's parameters name: an object's address, or the first name, ARN or path."""
    if "Bucket" in parameters:
        return f"s3://{parameters['Bucket']}/{parameters.get('Key', parameters.get('Prefix', ''))}"
    endings = ("Arn", "Name", "Path", "Namespace", "NamePrefix")
    return next((str(value) for name, value in parameters.items() if name.endswith(endings)), "")
