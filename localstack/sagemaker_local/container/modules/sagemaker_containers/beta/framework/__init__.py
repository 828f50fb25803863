"""What serving scripts of scikit-learn's image import."""

from . import (
    content_types,
    encoders,
    env,
    errors,
    modules,
    server,
    transformer,
    worker,
)

__all__ = ["content_types", "encoders", "env", "errors", "modules", "server", "transformer", "worker"]
