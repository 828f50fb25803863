"""Every error that VishwaOps raises on purpose.

VishwaOpsError
├── ConfigError      a YAML file under config/ (or one named by the user) is wrong
├── SourceError      a source can't be read, or lacks a column
├── GateError        a batch, or a model, did not pass its use case's gate
├── MissingInput     a required output of an earlier stage is missing
├── JobFailed        a SageMaker job or endpoint did not reach `Completed` or `InService`
├── Cancelled        the run was cancelled while a task waited
├── InvalidRows      an endpoint refused rows that were sent to it
├── TerraformFailed  Terraform is missing, or a Terraform command failed
├── NoPlatform       the resources of the platform, or of this use case, are not created yet
├── StorageFull      a disk of this machine or of the offline cloud is full
└── Unreachable      no service answers at the configured address
"""


class VishwaOpsError(Exception):
    """The message says what went wrong, where, what was expected, what was found, and what to do."""


class ConfigError(VishwaOpsError):
    """A configuration file is wrong; the message names the file and the key."""


class SourceError(VishwaOpsError):
    """A source can't be read, or lacks a column that the use case needs."""


class GateError(VishwaOpsError):
    """A batch, or a model, did not pass its use case's gate."""


class MissingInput(VishwaOpsError):
    """A required output of an earlier stage is missing."""


class JobFailed(VishwaOpsError):
    """A SageMaker job or endpoint did not reach `Completed` or `InService`."""


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


class StorageFull(VishwaOpsError):
    """A disk of this machine or of the offline cloud is full."""
