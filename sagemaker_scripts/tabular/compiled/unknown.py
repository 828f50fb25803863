"""The exception for what can't be compiled."""


class Unknown(ValueError):
    """A part of a pipeline that can't be compiled. The message names it."""
