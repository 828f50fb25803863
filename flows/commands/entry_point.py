"""The installed command `vishwaops`. Ctrl-C prints one line, also while the other modules are imported.

Their import takes a second, and several on a busy machine. This module imports only fast modules.
"""

import atexit
import gc
import sys

from flows.commands.exit_status import INTERRUPTED


def main() -> int:
    """Run the command with this process's arguments. Returns its exit status."""
    atexit.register(gc.freeze)  # avoids a garbage collection of several seconds at exit
    try:
        from flows.commands.main import main as run

        return run()
    except KeyboardInterrupt:
        print("vishwaops: interrupted", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
