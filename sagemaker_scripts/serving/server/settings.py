"""What the environment sets for the model server. The names are those of AWS's serving containers, where they exist."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_MEGABYTE = 1 << 20
_ENDPOINT_PAYLOAD = 6  # MB; the limit of InvokeEndpoint
_TRANSFORM_PAYLOAD = 100  # MB; the largest MaxPayloadInMB of a batch transform
_LARGEST_PORT = 65_535


@dataclass(frozen=True)
class Settings:
    """Times are in seconds, sizes in bytes."""

    model: Path
    host: str = "127.0.0.1"
    port: int = 8080
    socket_fd: int | None = None
    """A bound socket to listen on, in place of `host` and `port`."""
    workers: int = 1
    timeout: float = 60.0
    """A request that is not answered in this time gets 504. A worker that took this long for it is killed."""
    largest_body: int = _ENDPOINT_PAYLOAD * _MEGABYTE
    queue: int = 1024
    """Requests that may wait for a worker. Others get 429."""
    queue_bytes: int = 256 * _MEGABYTE
    """Bytes of all bodies that the server holds. A request that would exceed them gets 429."""
    drain: float = 25.0
    """After SIGTERM, the time in which accepted requests are answered. SageMaker kills a container after 30 s."""
    head_time: float = 20.0
    """The head of a request must be complete in this time, and its body must begin. A body has 16 KB a second."""
    loader: str = "serving.server.loader"
    """The module that loads the model."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings. Raises ValueError, naming the variable, where a value is not valid."""
        read = _Reader(environment)
        base = environment.get("SAGEMAKER_BASE_DIR") or "/opt/ml"
        batch = environment.get("SAGEMAKER_BATCH", "").lower() == "true"
        descriptor = read.whole("SAGEMAKER_LOCAL_SOCKET_FD", -1, least=0)
        largest = read.whole("SAGEMAKER_MAX_PAYLOAD_IN_MB", _TRANSFORM_PAYLOAD if batch else _ENDPOINT_PAYLOAD, least=0)
        payload = (largest or _TRANSFORM_PAYLOAD) * _MEGABYTE  # 0: a transform without a limit of its own
        return cls(
            model=Path(base, "model"),
            host=environment.get("SAGEMAKER_MODEL_SERVER_HOST") or cls.host,
            port=read.whole("SAGEMAKER_BIND_TO_PORT", cls.port, least=0, most=_LARGEST_PORT),
            socket_fd=None if descriptor < 0 else descriptor,
            workers=read.whole("SAGEMAKER_MODEL_SERVER_WORKERS", len(os.sched_getaffinity(0))),
            timeout=read.whole("SAGEMAKER_MODEL_SERVER_TIMEOUT", int(cls.timeout)),
            largest_body=payload,
            queue=read.whole("SAGEMAKER_MODEL_SERVER_QUEUE", cls.queue),
            queue_bytes=max(cls.queue_bytes, 2 * payload),
        )


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def whole(self, name: str, default: int, *, least: int = 1, most: int | None = None) -> int:
        """Return a variable's whole number, or the default where it is not set."""
        text = self._environment.get(name, "").strip()
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and int(text) >= least and (most is None or int(text) <= most)):
            limits = f"of at least {least}" if most is None else f"from {least} to {most}"
            raise ValueError(f"{name}: expected a whole number {limits}, found {text[:80]!r}")
        return int(text)
