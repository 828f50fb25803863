"""Plots of a model that predicts classes."""

from typing import Any

from tasks.plots.figures import INK, LINE, figure, finished, plain, svg


def confusion(points: dict[str, Any]) -> str:
    """Draw the confusion matrix: true classes by predicted ones."""
    made, axes = figure()
    classes, matrix = [plain(name) for name in points["classes"]], points["confusion"]
    axes.imshow(matrix, cmap="Blues")
    middle = max(max(row) for row in matrix) / 2
    for true, row in enumerate(matrix):
        for predicted, count in enumerate(row):
            colour = "white" if count > middle else INK
            axes.text(predicted, true, f"{count:,}", ha="center", va="center", color=colour)
    threshold = points.get("threshold")
    above = "" if threshold is None else f" ({classes[1]} above {threshold:.3g})"
    axes.set(xlabel=f"predicted{above}", ylabel="true", xticks=range(len(classes)), yticks=range(len(classes)))
    axes.set_xticklabels(classes)
    axes.set_yticklabels(classes, rotation=90, va="center")
    return svg(made)


def roc(points: dict[str, Any]) -> str:
    """Draw the ROC curve of each class."""
    made, axes = figure()
    axes.plot([0, 1], [0, 1], **LINE)
    for name, curve in points["roc"].items():
        axes.plot(curve["fpr"], curve["tpr"], label=plain(name), linewidth=1.8)
    return finished(made, axes, "false positive rate", "true positive rate", aspect="equal")


def precision_recall(curves: dict[str, Any]) -> str:
    """Draw precision by recall of each class. A dashed line is the share of the class."""
    made, axes = figure()
    for name, curve in curves["precision_recall"].items():
        drawn = axes.plot(curve["recall"], curve["precision"], label=plain(name), linewidth=1.8)
        axes.axhline(curves["base"][name], **{**LINE, "color": drawn[0].get_color()})
    return finished(made, axes, "recall", "precision", xlim=(0, 1), ylim=(0, 1.02))


def gain(curves: dict[str, Any]) -> str:
    """Draw the share of each class that is found among a share of the rows."""
    made, axes = figure()
    axes.plot([0, 1], [0, 1], **LINE)
    for name, curve in curves["gain"].items():
        axes.plot(curve["share"], curve["gain"], label=plain(name), linewidth=1.8)
    return finished(made, axes, "share of the rows, most probable first", "share of the class found")


def lift(curves: dict[str, Any]) -> str:
    """Draw how many times more rows of a class there are than among random rows."""
    made, axes = figure()
    axes.axhline(1, **LINE)
    for name, curve in curves["lift"].items():
        axes.plot(curve["share"], curve["lift"], label=plain(name), linewidth=1.8)
    return finished(made, axes, "share of the rows, most probable first", "lift", ylim=(0, None))


def calibration(found: dict[str, Any]) -> str:
    """Draw the observed share of each class by its mean probability, with the share's interval."""
    made, axes = figure()
    axes.plot([0, 1], [0, 1], **LINE)
    for name, bins in found.items():
        share = bins["share"]
        below = [max(at - low, 0) for at, low in zip(share, bins["low"], strict=True)]
        above = [max(high - at, 0) for at, high in zip(share, bins["high"], strict=True)]
        axes.errorbar(
            bins["probability"], share, yerr=[below, above], fmt="o-", markersize=4, linewidth=1.4, elinewidth=1,
            label=f"{plain(name)}, error {bins['error']:.3f}",
        )  # fmt: skip
    return finished(made, axes, "predicted probability", "observed share", xlim=(0, 1), ylim=(0, 1))
