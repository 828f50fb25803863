"""Errors with the names and arguments of aws/sagemaker-inference-toolkit, `errors.py`."""


class UnsupportedFormatError(Exception):
    """A content type that the default functions can't read or write."""

    def __init__(self, content_type: str) -> None:
        super().__init__(f"Content type {content_type} is not supported by this framework.")


class BaseInferenceToolkitError(Exception):
    """A script raises or extends it to answer with its own status.

    Args:
        status_code: HTTP status to send.
        message: the body to send.
        phrase: the reason phrase of the status line.
    """

    def __init__(self, status_code: int, message: str, phrase: str) -> None:
        self.status_code = status_code
        self.message = message
        self.phrase = phrase
        super().__init__(status_code, message, phrase)


class GenericInferenceToolkitError(BaseInferenceToolkitError):
    """The same with a phrase that is optional."""

    def __init__(self, status_code: int, message: str | None = None, phrase: str | None = None) -> None:
        super().__init__(status_code, message or "Invalid Request", phrase or "Invalid Request")
