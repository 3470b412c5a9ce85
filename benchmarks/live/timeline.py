"""Write latency over time as an SVG: a panel a situation, a line a schedule, log scale."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from benchmarks.live.trial import Result
from steps.support.traffic.latency import longest_under_way

COLOURS = ["#7a7a7a", "#b3261e", "#b26a00", "#1f6feb", "#137333"]
LEAST, MOST = 0.001, 60.0  # seconds
BIN = 0.05


def save(results: Sequence[Result], title: str, path: Path) -> None:
    """Write the picture; every bin of 50 ms shows the longest write that was under way in it."""
    situations = list(dict.fromkeys(result.situation for result in results))
    schedules = list(dict.fromkeys(result.schedule for result in results))
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": title, "font.family": "sans-serif"}):
        figure = Figure(figsize=(9, 1 + 2.3 * len(situations)), layout="constrained")
        for panel, situation in zip(figure.subplots(len(situations), squeeze=False).flat, situations, strict=True):
            panel.set_title(situation, loc="left", fontsize="medium")
            panel.set(yscale="log", ylim=(LEAST, MOST), xlim=0)
            panel.xaxis.set_major_formatter("{x:g} s")
            panel.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g} s" if y >= 1 else f"{y * 1000:g} ms"))
            panel.grid(axis="y", color="#e0e0e0")
            for result in (result for result in results if result.situation == situation):
                bins = sorted(longest_under_way(result.waits, BIN).items())
                panel.plot(
                    [number * BIN for number, _ in bins],
                    [max(LEAST, wait) for _, wait in bins],
                    color=COLOURS[schedules.index(result.schedule) % len(COLOURS)],
                    label=result.schedule,
                )
        key = panel.get_legend_handles_labels()
        heading = {"title": title, "title_fontproperties": {"weight": "bold"}, "alignment": "left"}
        figure.legend(*key, loc="outside upper left", frameon=False, **heading)
        figure.savefig(path, metadata={"Date": None, "Title": title})
