"""The report of a run: tables in the terminal, results.json, and one page.

results = results_of(scored, run=RunInfo(...), trained_on=...)
write_page(folder / PAGE_NAME, results, against(results, read_results(old)))
write_results(folder / RESULTS_NAME, results)
print_tables(console, results)
"""

from __future__ import annotations

from evaluation.report.baseline import against
from evaluation.report.page import write_page
from evaluation.report.results import BaselineError, Results, RunInfo, read_results, results_of, write_results
from evaluation.report.terminal import print_tables

RESULTS_NAME = "results.json"
PAGE_NAME = "report.html"

__all__ = [
    "PAGE_NAME",
    "RESULTS_NAME",
    "BaselineError",
    "Results",
    "RunInfo",
    "against",
    "print_tables",
    "read_results",
    "results_of",
    "write_page",
    "write_results",
]
