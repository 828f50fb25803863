"""AWS prices with sources and dates, and the price rules by resource type."""

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from config import settings
from config.documents import Document, Integer, Number, read_document
from config.errors import ConfigError

FOLDER = settings.CONFIG / "prices"
Quantity = Literal[
    "zones", "x86_vcpus", "x86_gb", "arm_vcpus", "arm_gb", "public_addresses", "insight_metrics", "databases",
    "database_gb", "share_of_the_day", "instances", "provisioned", "metrics",
]  # fmt: skip


class Price(Document):
    """One price and its source."""

    per: Literal["hour", "month", "GB-month", "GB", "100,000 events", "10,000 requests"]
    price: Number = Field(gt=0)
    source: str = Field(min_length=1)
    as_of: str | None = Field(default=None, coerce_numbers_to_str=True)
    """The date of the source: a year, or a year and a month."""

    def __str__(self) -> str:
        amount = f"{self.price:.2f}" if self.price == round(self.price, 2) else f"{self.price:g}"
        return f"{amount} {'for' if self.per[0].isdigit() else 'a'} {self.per}"


class PriceTable(Document):
    """The prices of a region."""

    region: str
    currency: Literal["USD"]
    entered: date
    """The date on which the prices were entered."""
    hours_per_month: Integer = Field(gt=0)
    prices: dict[str, Price] = Field(min_length=1)

    def find(self, name: str) -> Price:
        """Return the price `name`. Raises ConfigError when the table has no such price."""
        if (price := self.prices.get(name)) is None:
            where = FOLDER / f"{self.region}.yaml"
            raise ConfigError(f"{where}: prices: expected one named {name!r}, found none. Add it, with its source")
        return price

    def monthly(self, name: str) -> float:
        """Return the cost of one `name` for a month, in USD. Raises ConfigError when the table has no such price."""
        price = self.find(name)
        return price.price * (self.hours_per_month if price.per == "hour" else 1)


class Charge(Document):
    """A price and a quantity that a resource costs while it is idle."""

    price: str
    """A name in the price table. Braces are replaced by an attribute of the planned resource."""
    what: str
    quantity: Quantity | int = 1
    when: dict[str, str | bool | None] = Field(default_factory=dict)
    """The charge applies only to planned resources with these values of attributes."""


class Rule(Document):
    """The charges for a resource type: while it is idle, and by use."""

    idle: tuple[Charge, ...] = ()
    by_use: str | None = None

    @model_validator(mode="after")
    def _costs_something(self) -> Self:
        if not self.idle and self.by_use is None:
            raise ValueError("expected idle or by_use; found neither. List a type that costs nothing in `free`")
        return self


class Rules(Document):
    """The rule of each resource type with a price, and the free types."""

    billed: dict[str, Rule]
    free: frozenset[str]

    @model_validator(mode="after")
    def _name_each_type_once(self) -> Self:
        if twice := sorted(self.free & self.billed.keys()):
            raise ValueError(f"expected each type in billed or in free; found in both: {', '.join(twice)}")
        return self

    def of(self, type_: str) -> Rule | None:
        """Return the rule of a type, or None for a free type. Raises ConfigError for a type that is not listed."""
        if type_ in self.free:
            return None
        if (rule := self.billed.get(type_)) is None:
            raise ConfigError(f"{FOLDER / 'resources.yaml'}: expected {type_} in billed or free; found it in neither")
        return rule


class Part(Document):
    """A price, and how many of it an option costs."""

    price: str
    quantity: Number = Field(default=1, gt=0)


class Option(Document):
    """What an environment can have or leave out."""

    what: str
    setting: str
    """How it is chosen."""
    without: str
    """What one gives up without it."""
    parts: tuple[Part, ...] = Field(min_length=1)

    def monthly(self, table: PriceTable) -> float:
        """Return its cost for a month, in USD. Raises ConfigError for a price that is not in the table."""
        return round(sum(part.quantity * table.monthly(part.price) for part in self.parts), 2)


class Options(Document):
    """The options, in the order in which they are shown."""

    options: tuple[Option, ...] = Field(min_length=1)


def load_options() -> tuple[Option, ...]:
    """Return config/prices/options.yaml. Raises ConfigError when it is invalid."""
    return read_document(FOLDER / "options.yaml", Options).options


def load_prices(region: str) -> PriceTable:
    """Return config/prices/<region>.yaml. Raises ConfigError when it is missing or invalid."""
    path = FOLDER / f"{region}.yaml"
    known = sorted(file.stem for file in FOLDER.glob("*-*.yaml"))
    if region not in known:
        raise ConfigError(
            f"region: expected one with a price table, {', '.join(known)}; found {region!r}. Write {path} for it"
        )
    return read_document(path, PriceTable)


def load_rules() -> Rules:
    """Return config/prices/resources.yaml. Raises ConfigError when it is invalid."""
    return read_document(FOLDER / "resources.yaml", Rules)
