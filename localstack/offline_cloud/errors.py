"""Everything the offline cloud may raise.

OfflineCloudError
├── LocalStackMissingError    its environment has not been built
├── StartError          a service exited, or did not answer in time, while the cloud started
├── CloudUnhealthyError       the cloud runs but does not answer
├── StateUnreadableError   the state file is not ours, or of another version
└── CloudNotRunningError      an action needs a cloud and none runs
"""


class OfflineCloudError(Exception):
    """Base of all errors of this package; the message says what, where, and what to do."""


class LocalStackMissingError(OfflineCloudError):
    """LocalStack's own Python environment is not there, or is not complete."""


class StartError(OfflineCloudError):
    """The cloud could not be brought to answer; nothing of it is left running."""


class CloudUnhealthyError(OfflineCloudError):
    """The processes of a cloud run, but it does not answer."""


class CloudNotRunningError(OfflineCloudError):
    """There is no running cloud in this state folder."""


class StateUnreadableError(OfflineCloudError):
    """The state file can't be understood, so that nobody knows what runs."""
