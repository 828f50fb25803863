"""Every error that VishwaOps raises on purpose.

VishwaOpsError
├── ConfigError      a YAML file under config/ (or one named by the user) is wrong
├── SourceError      a source can't be read, or lacks a column
├── GateError        a batch, or a model, did not pass its use case's gate
├── MissingInput     a stage was asked to go on from something that no earlier stage has left
├── JobFailed        a SageMaker job or endpoint ended in another state than the one hoped for
├── Cancelled        the run was cancelled while this part of it waited
├── InvalidRows      an endpoint refused rows that were sent to it
├── TerraformFailed  Terraform is missing, or what it was asked for ended in an error
├── NoPlatform       Terraform has not made what the flows run on, or not yet for this use case
├── StorageFull      a disk, or the offline cloud's, has no room
└── Unreachable      nothing answers at the address that the environment names
"""


class VishwaOpsError(Exception):
    """Says what went wrong, where, what was expected and found, and what to do."""


class ConfigError(VishwaOpsError):
    """A configuration file is wrong; the message names the file and the key."""


class SourceError(VishwaOpsError):
    """A source can't be read, or lacks a column that the use case needs."""


class GateError(VishwaOpsError):
    """A batch did not pass its use case's gate."""


class MissingInput(VishwaOpsError):
    """No earlier stage has left what this one goes on from."""


class JobFailed(VishwaOpsError):
    """A SageMaker job or endpoint ended otherwise than `Completed` or `InService`."""


class Cancelled(VishwaOpsError):
    """The run was cancelled while this part of it waited; the message holds why."""


class InvalidRows(VishwaOpsError):
    """An endpoint refused the rows that were sent to it."""


class TerraformFailed(VishwaOpsError):
    """Terraform is missing, or what it was asked for ended in an error; the message holds what Terraform said."""


class NoPlatform(VishwaOpsError):
    """Terraform has not made what the flows run on, or not yet for this use case."""


class Unreachable(VishwaOpsError):
    """Nothing answers at the address of AWS, or of the offline cloud, that the environment names."""


class StorageFull(VishwaOpsError):
    """A disk of this machine, or the offline cloud's, has no room for what is written."""
