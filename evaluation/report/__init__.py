"""The report of a run: tables in the terminal, results.json, and one page.

results = results_of(scored, run=RunInfo(...), trained_on=...)
write(folder, results, baseline=against(results, read_results(old)))
print_tables(console, results)
"""

from __future__ import annotations

from pathlib import Path

from evaluation.report.baseline import Against, against
from evaluation.report.page import write_page
from evaluation.report.results import BaselineError, Results, RunInfo, read_results, results_of, write_results
from evaluation.report.terminal import print_tables

RESULTS_NAME = "results.json"
PAGE_NAME = "report.html"

__all__ = [
    "PAGE_NAME",
    "RESULTS_NAME",
    "Against",
    "BaselineError",
    "Results",
    "RunInfo",
    "against",
    "print_tables",
    "read_results",
    "results_of",
    "write",
    "write_page",
    "write_results",
]


def write(folder: Path, results: Results, baseline: Against | None = None) -> tuple[Path, Path]:
    """Write results.json and the page into a folder, which is made; returns where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    write_results(folder / RESULTS_NAME, results)
    write_page(folder / PAGE_NAME, results, baseline)
    return folder / RESULTS_NAME, folder / PAGE_NAME
