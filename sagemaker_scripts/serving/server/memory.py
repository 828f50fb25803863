"""How much memory a process uses, and the return of what it does not."""

import gc
from pathlib import Path


def proportional(pid: int | str = "self") -> int:
    """Return a process's proportional set size in bytes: shared pages count in parts. 0 where it cannot be read."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:")), 0)


def release() -> None:
    """Collect garbage, and return the memory that was freed to the system, where the C library can (glibc)."""
    import ctypes  # the front imports this module, and needs no ctypes

    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
