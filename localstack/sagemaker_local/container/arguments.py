"""How long the arguments and environment variables of a process may be on Linux (execve(2), "Limits on size")."""

from __future__ import annotations

import resource

ONE, ALL_AT_MOST, ALL_AT_LEAST = 131_072, 6 << 20, 131_072
TOO_LONG = (
    f"The arguments are too long: Linux allows {ONE:,} bytes for one argument or environment variable, and a quarter "
    "of the stack's limit for all. Put large values into a file of an input channel."
)
_POINTER = 8


def problem(command: list[str], environment: dict[str, str]) -> str:
    """The message: which argument is too long, by how much, and what to do instead."""
    sizes = {f"argument {number}": _size(word) for number, word in enumerate(command)}
    sizes |= {f"environment variable {name}": _size(f"{name}={value}") for name, value in environment.items()}
    longest, total = max(sizes, key=lambda name: sizes[name]), sum(sizes.values())
    return (
        f"The arguments are too long: the {len(sizes)} arguments and environment variables have {total:,} bytes, of "
        f"which {longest} has {sizes[longest]:,}. Linux allows {ONE:,} for each and {_limit():,} for all. "
        "Hyperparameters become both; put large values into a file of an input channel instead."
    )


def _size(text: str) -> int:
    return len(text.encode(errors="surrogateescape")) + 1 + _POINTER


def _limit() -> int:
    stack = resource.getrlimit(resource.RLIMIT_STACK)[0]
    if stack == resource.RLIM_INFINITY:
        return ALL_AT_MOST
    return max(min(stack // 4, ALL_AT_MOST), ALL_AT_LEAST)
