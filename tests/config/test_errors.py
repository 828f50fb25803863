import re

from config import errors
from config.errors import VishwaOpsError


def test_the_tree_at_the_top_of_the_module_shows_every_error() -> None:
    shown = re.findall(r"(?m)^[├└]── (\w+)", errors.__doc__ or "")
    assert sorted(shown) == sorted(kind.__name__ for kind in VishwaOpsError.__subclasses__())


def test_every_error_has_one_base_class_and_a_docstring() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    assert all(issubclass(kind, VishwaOpsError) for kind in kinds)
    assert all((kind.__doc__ or "").endswith(".") for kind in kinds)
