"""One profile of the rows of several profiles. The result does not depend on the order of the profiles."""

from collections.abc import Mapping, Sequence

from tasks.profiles.category_merging import merged_categories
from tasks.profiles.number_merging import merged_numbers, parts_of
from tasks.profiles.stored_profiles import CategoryProfile, ColumnProfile, NumberProfile, Profile


def merged(profiles: Sequence[Profile]) -> Profile:
    """Return the profile of all rows of some profiles.

    Rows, missing values, least and greatest numbers, means, standard deviations and the rows of bins and categories are
    exact. Bins are the smallest unions of bins of each profile. `distinct` is exact of at most 1,024 numbers and 2,000
    categories; of more numbers it is an upper bound, of more categories an estimate to about 2 %.

    Raises ValueError without a profile, and when the profiles have other columns, or another type of a column.
    """
    check_columns([{name: column.type for name, column in each.columns.items()} for each in profiles])
    columns = {name: _merged_columns([each.columns[name] for each in profiles]) for name in profiles[0].columns}
    return Profile(rows=sum(each.rows for each in profiles), columns=columns)


def check_columns(types: Sequence[Mapping[str, str]]) -> None:
    """Raise ValueError unless there is a profile and all have the same types of columns, by name."""
    if not types:
        raise ValueError("expected at least one profile to merge, found none")
    for place, each in enumerate(types):
        if each != types[0]:
            other = sorted(set(each.items()) ^ set(types[0].items()))
            raise ValueError(
                "expected profiles of the same columns to merge; the first one and number "
                f"{place + 1} differ in {', '.join(f'{name} ({kind})' for name, kind in other)}"
            )


def _merged_columns(columns: Sequence[ColumnProfile]) -> ColumnProfile:
    first = columns[0]
    if isinstance(first, CategoryProfile):
        return merged_categories([each for each in columns if isinstance(each, CategoryProfile)])
    return merged_numbers(first.type, parts_of([each for each in columns if isinstance(each, NumberProfile)]))
