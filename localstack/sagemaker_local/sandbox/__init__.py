"""Starts and stops processes, each with its own /opt/ml if this machine allows it."""

from sagemaker_local.sandbox.isolation import (
    BUBBLEWRAP,
    ISOLATIONS,
    NAMESPACES,
    RELOCATED,
    Isolation,
    IsolationUnavailable,
    refusal_of,
)
from sagemaker_local.sandbox.process import Process, descendants
from sagemaker_local.sandbox.starter import Sandbox
from sagemaker_local.sandbox.workspace import Identity, Workspace

__all__ = [
    "BUBBLEWRAP",
    "ISOLATIONS",
    "NAMESPACES",
    "RELOCATED",
    "Identity",
    "Isolation",
    "IsolationUnavailable",
    "Process",
    "Sandbox",
    "Workspace",
    "descendants",
    "refusal_of",
]
