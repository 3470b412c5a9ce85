"""The results as a Markdown table, with ratios to the floor."""

from collections.abc import Sequence

from benchmarks.live.trial import Result


def markdown(results: Sequence[Result], heading: str) -> str:
    """A table a situation; the ratio is of the longest write to that with no migration at all."""
    lines = [f"# {heading}", ""]
    for situation in dict.fromkeys(result.situation for result in results):
        shown = [result for result in results if result.situation == situation]
        floor = shown[0].longest
        order = list(dict.fromkeys(result.schedule for result in shown))
        lines += [
            f"## {situation[0].upper()}{situation[1:]}",
            "",
            "| schedule | writes | longest write | ratio to the floor | over 100 ms | migrated |",
            "|---|--:|--:|--:|--:|---|",
        ]
        lines += [_row(result, floor) for result in sorted(shown, key=lambda result: order.index(result.schedule))]
        lines.append("")
    return "\n".join(lines)


def _row(result: Result, floor: float) -> str:
    longest = f"{result.longest * 1000:,.0f} ms | {result.longest / floor:,.1f}"
    return f"| {result.schedule} | {len(result.waits):,} | {longest} | {result.slow:,} | {_end(result)} |"


def _end(result: Result) -> str:
    if result.schedule.startswith("no migration"):
        return "—"
    if not result.done:
        return f"gave up after {result.took:.1f} s"
    if result.after is None:
        return f"after {result.took:.2f} s"
    return f"{result.after:.2f} s after it left"
