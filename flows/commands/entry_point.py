"""The command `vishwaops` as it is installed: Ctrl-C ends it in a line even while its modules are imported.

That takes a second, and several on a busy machine. This module imports nothing that takes long.
"""

import atexit
import gc
import sys

from flows.commands.exit_status import INTERRUPTED


def main() -> int:
    """Run the command of this process's arguments; returns its exit status."""
    atexit.register(gc.freeze)  # else Python searches half a million objects for cycles before it ends: seconds
    try:
        from flows.commands.main import main as run

        return run()
    except KeyboardInterrupt:
        print("vishwaops: interrupted", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
