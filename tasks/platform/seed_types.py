"""The types of the seed's resources, and their tags in the form of most AWS APIs."""

from collections.abc import Mapping
from typing import Any

Values = Mapping[str, Any]
"""A resource's attributes, as in Terraform's state."""
Created = dict[str, str]
"""The ids and ARNs that AWS assigned, by attribute name. Later resources refer to them."""


def tag_list(values: Values) -> list[dict[str, str]]:
    """The resource's tags, sorted by name."""
    return [{"Key": name, "Value": value} for name, value in sorted((values.get("tags") or {}).items())]
