"""The ratios to the floor as one picture."""

import matplotlib

matplotlib.use("svg")
# Text as outlines: the same on a screen without these fonts. A fixed salt:
# the same numbers make the same file.
matplotlib.rcParams.update({"svg.fonttype": "path", "svg.hashsalt": "quell", "font.size": 9.5})

import matplotlib.pyplot as pyplot  # noqa: E402 (after the backend)
import matplotlib.ticker as ticker  # noqa: E402

# Okabe and Ito's colours, told apart by all; and a shape each, for print.
LOOKS = {
    "std": ("#0072B2", "s"),
    "glib": ("#E69F00", "D"),
    "asio": ("#999999", "v"),
    "tokio": ("#CC79A7", "^"),
    "core": ("#009E73", "o"),
    "quell": ("#000000", "x"),
}
WIDTH, ROW, FRAME = 8.4, 0.52, 1.5


def draw(path, works, libraries, ratios):
    """`works`: (key, words), `libraries`: key to words, `ratios`: (work,
    library) to low, middle and high."""
    figure, axes = pyplot.subplots(figsize=(WIDTH, FRAME + ROW * len(works)), layout="constrained")
    axes.set_xscale("log")
    axes.axvline(1, color="black", linewidth=1.2)
    for row, (work, _) in enumerate(works):
        if row % 2:
            axes.axhspan(row - 0.5, row + 0.5, color="0.95", zorder=0, linewidth=0)
        floor = ratios[work, "floor"]
        axes.fill_betweenx([row - 0.5, row + 0.5], floor.low, floor.high, color="0.8", linewidth=0)
    for place, (library, words) in enumerate(libraries.items()):
        colour, shape = LOOKS[library]
        across = (place - (len(libraries) - 1) / 2) * 0.14
        points = [
            (row + across, ratios[work, library])
            for row, (work, _) in enumerate(works)
            if (work, library) in ratios
        ]
        axes.errorbar(
            [spread.middle for _, spread in points],
            [row for row, _ in points],
            xerr=[
                [max(spread.middle - spread.low, 0) for _, spread in points],
                [max(spread.high - spread.middle, 0) for _, spread in points],
            ],
            fmt=shape, color=colour, label=words, markersize=5.5, elinewidth=1.3, capsize=2,
            zorder=4 if library in ("core", "quell") else 3,
        )  # fmt: skip
    axes.set_yticks(range(len(works)), [words for _, words in works])
    axes.set_ylim(len(works) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", which="major", color="0.85", linewidth=0.7, zorder=0)
    axes.set_axisbelow(True)
    axes.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 3)))
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:g}×"))
    axes.xaxis.set_minor_formatter(ticker.NullFormatter())
    axes.set_xlabel(
        "median time ÷ the floor's, one process, random order; log axis; less is better\n"
        "whiskers: the quartiles over all rounds; grey: the floor's own"
    )
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    figure.suptitle("Cancelling: times as ratios to a floor written by hand", fontsize=12)
    axes.legend(
        loc="lower center", bbox_to_anchor=(0.3, 1), ncols=len(libraries), frameon=False,
        columnspacing=1.0, handletextpad=0.2,
    )  # fmt: skip
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    pyplot.close(figure)
