"""Errors by their cause, with the names of AWS's XGBoost container."""


class BaseToolkitError(Exception):
    """Base of the toolkit's errors.

    Args:
        message: what is wrong.
        caused_by: the exception behind it.
    """

    def __init__(self, message: str | None = None, caused_by: Exception | None = None) -> None:
        self.message = message or (str(caused_by) if caused_by else "unknown error occurred")
        self.caused_by = caused_by
        super().__init__(self.message)


class UserError(BaseToolkitError):
    """The data or the hyperparameters cause the error."""


class AlgorithmError(BaseToolkitError):
    """The algorithm causes the error."""


class PlatformError(BaseToolkitError):
    """SageMaker causes the error."""
