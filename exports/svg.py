"""An SVG drawing of a score, by Verovio from its MusicXML. Imported in workers alone."""

from __future__ import annotations

import verovio

WIDTH = 2100
"""Of the drawing, in Verovio's units; ten of them are one of the view box at scale 100."""
SCALE = 40
TALLEST = 60_000
"""Verovio's own limit."""
OPTIONS = {
    "scale": SCALE,
    "pageWidth": WIDTH,
    "pageHeight": TALLEST,
    "adjustPageHeight": True,
    "breaks": "auto",
    "footer": "none",
    "header": "none",
    "svgViewBox": True,
    "xmlIdSeed": 1,
}


def svg(musicxml: bytes) -> tuple[bytes, bool]:
    """One drawing of all systems, as high as it needs, and whether all are in it: it ends at `TALLEST`.

    Raises ValueError when Verovio cannot read the score.
    """
    verovio.enableLog(verovio.LOG_OFF)
    drawing = verovio.toolkit()
    drawing.setOptions(OPTIONS)
    if not drawing.loadData(musicxml.decode()):
        raise ValueError("Verovio cannot read the score")
    return str(drawing.renderToSVG(1)).encode(), drawing.getPageCount() == 1
