"""The command `vishwaops` as it is installed: Ctrl-C ends it in a line even while its modules are imported.

That takes a second, and several on a busy machine. This module imports nothing that takes long.
"""

import sys

INTERRUPTED = 130
"""The exit status of a shell's command that Ctrl-C ended: 128 and the number of SIGINT."""


def main() -> int:
    """Run the command of this process's arguments; returns its exit status."""
    try:
        from flows.commands.main import main as run

        return run()
    except KeyboardInterrupt:
        print("vishwaops: interrupted", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
