"""A flow that runs until a file exists, for runs that a test ends."""

import time
from pathlib import Path

from prefect import flow


@flow(persist_result=False)
def waiting(folder: str) -> int:
    """Write a file for each start of the run, and wait for the file `go`. Returns the number of starts."""
    place = Path(folder)
    place.joinpath(f"start-{len(list(place.glob('start-*')))}").touch()
    while not place.joinpath("go").exists():
        time.sleep(0.1)
    return len(list(place.glob("start-*")))
