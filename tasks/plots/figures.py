"""The style of all plots, and how a figure becomes SVG."""

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, MAIN, FAINT = "#1d2733", "#2f6db3", "#9aa7b4"
LINE: dict[str, Any] = {"color": FAINT, "linestyle": "--", "linewidth": 1}
"""The style of a line to compare with."""


def figure() -> "tuple[Figure, Axes]":
    """Return an empty figure and its axes."""
    from matplotlib.figure import Figure  # takes half a second to import

    made = Figure(figsize=(4.4, 3.6), layout="constrained")
    axes = made.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return made, axes


def plain(text: str) -> str:
    """Return a name of the data so that its dollar signs are no formula."""
    return text.replace("$", r"\$")


def svg(made: "Figure") -> str:
    """Return a figure as an SVG element. Its texts are texts, which are a tenth of the size of their outlines."""
    from matplotlib import rc_context

    buffer = io.StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "plot"}):
        made.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    return buffer.getvalue()[buffer.getvalue().index("<svg") :]


def finished(made: "Figure", axes: "Axes", x: str, y: str, **settings: Any) -> str:
    """Name the axes, add a legend where there are several lines, and return the SVG."""
    axes.set(xlabel=x, ylabel=y, **settings)
    if axes.get_legend_handles_labels()[1]:
        axes.legend(frameon=False, loc="best")
    return svg(made)
