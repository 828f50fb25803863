"""The answer that an output_fn of scikit-learn's image may return."""

from typing import Any

from werkzeug.wrappers import Response as _Response


class Response(_Response):
    """A Flask answer. `accept` becomes its content type where `mimetype` doesn't."""

    def __init__(
        self, response: Any = None, accept: str | None = None, status: int = 200, mimetype: str | None = None
    ) -> None:
        super().__init__(response=response, status=status, mimetype=accept or mimetype)
