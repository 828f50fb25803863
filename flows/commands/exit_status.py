"""Exit statuses of the command `vishwaops`."""

INTERRUPTED = 130
"""The exit status after Ctrl-C, as in a shell: 128 plus the number of SIGINT."""
