"""All exceptions of the offline cloud.

OfflineCloudError
├── LocalStackMissingError    its environment is not built
├── StartError          a service exited, or did not answer in time, while the cloud started
├── CloudUnhealthyError       the cloud runs but does not answer
├── StateUnreadableError   the state file is not ours, or of another version
└── CloudNotRunningError      an action needs a cloud and none runs
"""


class OfflineCloudError(Exception):
    """Base of all errors of this package. The message has what is wrong, where, and what to do."""


class LocalStackMissingError(OfflineCloudError):
    """LocalStack's own Python environment is missing or incomplete."""


class StartError(OfflineCloudError):
    """The cloud did not start; nothing of it is left running."""


class CloudUnhealthyError(OfflineCloudError):
    """The processes of a cloud run, but it does not answer."""


class CloudNotRunningError(OfflineCloudError):
    """There is no running cloud in this state folder."""


class StateUnreadableError(OfflineCloudError):
    """The state file can't be read, so that it is unknown what runs."""
