"""Who acts: the caller's identity on AWS, the user of this machine offline."""

import getpass
from functools import cache

from config.profile import active_profile
from tasks import clients


def person() -> str:
    """Return the caller's ARN on AWS, with the session's name, or the name of this machine's user offline."""
    if active_profile().offline:
        return getpass.getuser()
    return _arn()


@cache
def _arn() -> str:
    return str(clients.client("sts").get_caller_identity()["Arn"])
