"""Exit statuses of the command `vishwaops`."""

INTERRUPTED = 130
"""Of a shell's command that Ctrl-C ended: 128 and the number of SIGINT."""
