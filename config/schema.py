"""What a use case's columns hold, and which of them is to be predicted."""

from typing import Any, Literal, Self

from pydantic import model_validator

from config.documents import Document, Number, repeats

Task = Literal["binary", "multiclass", "regression"]


class Column(Document):
    """One column: its type, what its values may be, and who may see them."""

    type: Literal["integer", "number", "category"]
    header: str | None = None
    """The column's name in the source, where that is another one."""
    description: str | None = None
    minimum: Number | None = None
    maximum: Number | None = None
    categories: tuple[str, ...] | None = None
    nullable: bool = False
    sensitive: bool = False
    """A sensitive column's values never appear in a profile, a report, a page or a message."""
    missing: tuple[str, ...] = ()
    """Texts that mean a missing value in this column."""

    @model_validator(mode="after")
    def _limits_fit_the_type(self) -> Self:
        if self.type == "category" and (self.minimum is not None or self.maximum is not None):
            raise ValueError("expected categories of a category, found a minimum or maximum")
        if self.type != "category" and self.categories is not None:
            raise ValueError(f"expected type: category where there are categories, found type: {self.type}")
        if self.categories is not None and (not self.categories or repeats(self.categories)):
            found = ", ".join(map(repr, repeats(self.categories))) + " again" if self.categories else "none"
            raise ValueError(f"expected one category or more, each once; found {found}")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"expected minimum at or below maximum, found {self.minimum:g} and {self.maximum:g}")
        return self

    def described(self) -> dict[str, Any]:
        """The column as JSON; later keys only where they are used, so that older schemas keep their digests."""
        return self.model_dump(exclude=set() if self.missing else {"missing"})

    @property
    def expected(self) -> str:
        """What a value of this column has to be, in words."""
        if self.categories:
            return "one of " + ", ".join(self.categories)
        words = {"integer": "a whole number", "number": "a number", "category": "a text"}[self.type]
        if self.minimum is not None and self.maximum is not None:
            return f"{words} from {self.minimum:g} to {self.maximum:g}"
        if self.minimum is not None:
            return f"{words} of at least {self.minimum:g}"
        return f"{words} of at most {self.maximum:g}" if self.maximum is not None else words


class Target(Document):
    """What is predicted: a column of the schema, or a rule over its columns."""

    column: str
    task: Task
    rule: str | None = None
    """An expression of `tabular.expressions` that is true or false for each row; true is the second of `classes`."""
    classes: tuple[str, ...] | None = None
    """Of a binary target the second one is the positive class."""

    @model_validator(mode="after")
    def _classes_fit_the_task(self) -> Self:
        count, repeated = len(self.classes or ()), repeats(self.classes or ())
        if repeated or "" in (self.classes or ()):
            raise ValueError(
                f"expected each class once, and none empty; found {', '.join(map(repr, repeated or ['']))}"
            )
        if self.rule is not None and self.task != "binary":
            raise ValueError(f"expected a rule only for a binary target; found one for task: {self.task}")
        if self.task == "regression" and count:
            raise ValueError(f"expected no classes for a regression; found {count}")
        if self.task == "binary" and count != 2:
            raise ValueError(f"expected two classes for a binary target, found {count}")
        if self.task == "multiclass" and count < 3:
            raise ValueError(f"expected three classes or more for a multiclass target, found {count}")
        return self
