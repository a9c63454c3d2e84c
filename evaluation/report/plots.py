"""Plots for the page: matplotlib's SVG, made to stand inline, in the page's own colours and type.

Drawn in the light palette; each of its colours becomes the page's property of that name, so that a plot follows
the theme. No plot names another document: what matplotlib writes of namespaces and metadata is taken off.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from evaluation.figures.shape import Reliability
from evaluation.figures.unit import is_share
from evaluation.report.markup import Markup, text, trusted
from evaluation.report.tables import Line, Table

PALETTE = {"--text": "#1f242c", "--muted": "#5c6470", "--line": "#dcd6c9", "--surface": "#fffdf8"}
HUES = ("#b5480a", "#0a5c99", "#00694f", "#9a4379", "#8f6200", "#6b5bb0", "#24739b", "#77808d")
"""Of the systems in their order; safe for the colour-blind, as the page of the application has them."""
MARKERS = ("o", "s", "D", "^", "v", "P", "X", "<")
"""So that a system is told without its colour."""
_RULES = {
    "svg.fonttype": "none",
    "svg.hashsalt": "hemiola",
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "font.family": "sans-serif",
    "font.size": 9.0,
    "axes.edgecolor": PALETTE["--line"],
    "axes.labelcolor": PALETTE["--muted"],
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "text.color": PALETTE["--text"],
    "xtick.color": PALETTE["--line"],
    "ytick.color": PALETTE["--line"],
    "xtick.labelcolor": PALETTE["--muted"],
    "ytick.labelcolor": PALETTE["--text"],
    "grid.color": PALETTE["--line"],
    "grid.linewidth": 0.6,
    "legend.frameon": False,
}
_WIDTH, _FOOT, _ROW, _LETTER = 7.4, 0.3, 0.095, 0.067
"""Inches: of a plot, under a forest's rows, of a row, of a letter."""
_GAP = 1.2
"""Between figures, in rows."""


def forest(table: Table, systems: Sequence[str]) -> Markup | None:
    """Each share of a table as a point with its interval, a row for each figure, a mark for each system.

    Parameters
    ----------
    systems : all of the page, whose order gives their colours
    """
    lines = [line for line in table.lines if _is_share(line)]
    if not lines:
        return None

    tops = np.cumsum([0.0, *(_height(line) for line in lines)])
    labels = [line.title + (" ↓" if line.better == "lower" else "") for line in lines]
    height = _FOOT + _ROW * tops[-1]
    left = (0.15 + _LETTER * max(map(len, labels))) / _WIDTH

    def draw(figure: Any) -> None:
        axes = figure.add_axes((left, _FOOT / height, 0.985 - left, 1 - _FOOT / height))
        for system in table.systems:
            _points(axes, table, lines, tops, system, systems)
        ticks = [top + (_height(line) - _GAP - 1) / 2 for top, line in zip(tops, lines, strict=False)]
        axes.set(
            xlim=(-0.01, 1.01), ylim=(tops[-1] - _GAP, -1.0), yticks=ticks, xticks=np.arange(0, 1.01, 0.2)
        )
        axes.set_yticklabels(labels)
        axes.tick_params(length=0)
        axes.grid(axis="x")
        axes.set_axisbelow(True)
        axes.spines["left"].set_visible(False)

    return _drawn(_WIDTH, height, f"Values and 95 % intervals, {table.place.set or 'all sets'}", draw)


def reliability(found: Sequence[Reliability], systems: Sequence[str]) -> Markup:
    """What confidences of one event say against what came true; and risk against coverage."""

    def draw(figure: Any) -> None:
        left, right = (figure.add_axes((start, 0.16, 0.41, 0.8)) for start in (0.075, 0.58))
        left.plot([0, 1], [0, 1], color=PALETTE["--muted"], linewidth=0.8, linestyle=(0, (4, 3)))
        for each in found:
            hue, marker = _look(each.system, systems)
            _bins(left, each, hue, marker)
            right.plot(each.coverage, each.risk, color=hue, linewidth=1.3)
            right.plot(
                each.coverage[-1:], each.risk[-1:], color=hue, marker=marker, markersize=4, clip_on=False
            )
        left.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="confidence", ylabel="share that came true")
        most = max(max(each.risk) for each in found)
        right.set(xlim=(0, 1.02), ylim=(0, min(1.02, max(0.1, most * 1.15))))
        right.set(xlabel="coverage: share kept, most confident first", ylabel="risk: share wrong")
        for axes in (left, right):
            axes.grid()
            axes.set_axisbelow(True)
            axes.tick_params(length=0, labelcolor=PALETTE["--muted"])

    return _drawn(_WIDTH, 3.2, f"Reliability and risk over coverage of {found[0].event}", draw)


def _drawn(width: float, height: float, label: str, draw: Callable[[Any], None]) -> Markup:
    """A figure of so many inches under the page's rules; nothing of it outlives the call."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_RULES):
        figure = Figure(figsize=(width, height))
        canvas = FigureCanvasSVG(figure)
        draw(figure)
        held = io.StringIO()
        canvas.print_svg(held, metadata={"Date": None})
    return _inline(held.getvalue(), label)


def _height(line: Line) -> float:
    return len([cell for cell in line.cells if cell.figure is not None]) + _GAP


def _is_share(line: Line) -> bool:
    return all(cell.figure is None or is_share(line.name, cell.figure.measure) for cell in line.cells)


def _points(
    axes: Any, table: Table, lines: Sequence[Line], tops: Any, system: str, systems: Sequence[str]
) -> None:
    """One system's figures: each lies as many rows under its line's top as systems before it have a figure."""
    column = table.systems.index(system)
    hue, marker = _look(system, systems)
    shown = [
        (line.cells[column].figure, top + sum(cell.figure is not None for cell in line.cells[:column]))
        for line, top in zip(lines, tops, strict=False)
    ]
    for known, face in ((False, hue), (True, "none")):
        here = [(each, y) for each, y in shown if each is not None and bool(each.trained_on) == known]
        values = [each.value for each, _ in here]
        axes.plot(values, [y for _, y in here], marker, color=hue, markersize=4.6, markerfacecolor=face)
    ends = [(each.low, each.high, y) for each, y in shown if each is not None and each.low is not None]
    if ends:
        low, high, y = zip(*ends, strict=True)
        axes.hlines(y, low, high, color=hue, linewidth=1.4)


def _bins(axes: Any, found: Reliability, hue: str, marker: str) -> None:
    filled = [each for each in found.bins if each.n]
    x, y = [each.confidence for each in filled], [each.right for each in filled]
    ends = [
        (each.confidence, each.right_low, each.right_high) for each in filled if each.right_low is not None
    ]
    if ends:
        axes.vlines(*zip(*ends, strict=True), color=hue, linewidth=0.8, alpha=0.5)
    axes.plot(x, y, color=hue, linewidth=1.3)
    sizes = [12 + 60 * each.n / found.n for each in filled]
    axes.scatter(x, y, s=sizes, color=hue, marker=marker, zorder=3, clip_on=False)


def _look(system: str, systems: Sequence[str]) -> tuple[str, str]:
    index = list(systems).index(system)
    return HUES[index % len(HUES)], MARKERS[index % len(MARKERS)]


def _inline(svg: str, label: str) -> Markup:
    """An SVG document as an element of a page: no prolog, no namespaces, no metadata, ids of its own, its colours."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r'\s(?:xmlns(?::\w+)?|version)="[^"]*"', "", body, count=3)
    body = body.replace("xlink:href", "href")
    prefix = f"p{zlib.crc32((label + svg).encode()):x}-"
    body = re.sub(r'id="([^"]+)"', rf'id="{prefix}\1"', body)
    body = re.sub(r'href="#([^"]+)"', rf'href="#{prefix}\1"', body)
    body = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}\1)", body)
    for name, colour in PALETTE.items():
        body = body.replace(colour, f"var({name})")
    for index, colour in enumerate(HUES):
        body = body.replace(colour, f"var(--hue-{index})")
    return trusted(body.replace("<svg", f'<svg role="img" aria-label="{text(label)}"', 1))
