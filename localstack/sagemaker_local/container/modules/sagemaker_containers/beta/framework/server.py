"""For scripts like AWS's samples, which import it; SageMaker local starts the model server itself."""


def next_safe_port(port_range: str | None, after: str | None = None) -> str | None:
    """The next port of `first-last`."""
    if not port_range:
        return None
    first, last = map(int, port_range.split("-"))
    wanted = int(after) + 1 if after else first
    if wanted > last:
        raise ValueError(f"No ports left in {port_range}")
    return str(wanted)
