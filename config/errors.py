"""Every error that VishwaOps raises on purpose.

VishwaOpsError
├── ConfigError      a YAML file under config/ (or one named by the user) is wrong
├── SourceError      a source can't be read, or lacks a column
│   └── NoRows       a source has no rows yet
├── GateError        a batch, or a model, did not pass its use case's gate
├── MissingInput     a required output of an earlier stage is missing
├── JobFailed        a SageMaker job or endpoint did not reach `Completed` or `InService`
├── ProcessFailed    a process of this machine that worked on a part of the rows failed or was killed
├── Cancelled        the run was cancelled while a task waited
├── InvalidRows      an endpoint refused rows that were sent to it
├── TerraformFailed  Terraform is missing, or a Terraform command failed
├── NoPlatform       the resources of the platform, or of this use case, are not created yet
├── StorageFull      a disk of this machine or of the offline cloud is full
├── Unreachable      no service answers at the configured address
├── PortInUse        another program listens at the port
├── AlreadyServed    another `vishwaops serve` runs in this state folder
├── AccessDenied     AWS denies a call: a permission is missing, or a policy forbids it
├── BadCredentials   the credentials for AWS are missing, unknown or have expired
├── QuotaExceeded    a service quota of the AWS account is used up
└── Unavailable      AWS throttles the calls, or has an internal error
"""


class VishwaOpsError(Exception):
    """The message says what went wrong, where, what was expected, what was found, and what to do."""


class ConfigError(VishwaOpsError):
    """A configuration file is wrong; the message names the file and the key."""


class SourceError(VishwaOpsError):
    """A source can't be read, or lacks a column that the use case needs."""


class NoRows(SourceError):
    """A source has no rows yet."""


class GateError(VishwaOpsError):
    """A batch, or a model, did not pass its use case's gate."""


class MissingInput(VishwaOpsError):
    """A required output of an earlier stage is missing."""


class JobFailed(VishwaOpsError):
    """A SageMaker job or endpoint did not reach `Completed` or `InService`."""


class ProcessFailed(VishwaOpsError):
    """A process of this machine that worked on a part of the rows failed or was killed."""


class Cancelled(VishwaOpsError):
    """The run was cancelled while a task waited. The message gives the reason."""


class InvalidRows(VishwaOpsError):
    """An endpoint refused the rows that were sent to it."""


class TerraformFailed(VishwaOpsError):
    """Terraform is missing, or a Terraform command failed. The message has Terraform's own error."""


class NoPlatform(VishwaOpsError):
    """The resources of the platform, or of this use case, are not created yet."""


class Unreachable(VishwaOpsError):
    """No service answers at the configured address of AWS, the offline cloud or Prefect."""


class PortInUse(VishwaOpsError):
    """Another program listens at the port."""


class AlreadyServed(VishwaOpsError):
    """Another process serves this state folder."""


class StorageFull(VishwaOpsError):
    """A disk of this machine or of the offline cloud is full."""


class AccessDenied(VishwaOpsError):
    """AWS denies a call. The message names the action, the resource, the role, and what to add where."""


class BadCredentials(VishwaOpsError):
    """The credentials for AWS are missing, unknown or have expired."""


class QuotaExceeded(VishwaOpsError):
    """A service quota of the AWS account is used up. The message names the quota and how to raise it."""

    def __init__(self, message: str, *, may_pass: bool = False) -> None:
        super().__init__(message)
        self.may_pass = may_pass
        """Whether the same call succeeds when other jobs have ended."""


class Unavailable(VishwaOpsError):
    """AWS throttles the calls, or has an internal error. The same call may succeed later."""
