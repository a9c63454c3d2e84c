"""The report of a run: tables in the terminal and in Markdown, results.json, and one page.

results = results_of(scored, run=RunInfo(...), trained_on=...)
write_page(folder / PAGE_NAME, results, against(results, read_results(old)))
write_results(folder / RESULTS_NAME, results)
write_markdown(folder / TABLES_NAME, results)
print_tables(console, results)
"""

from __future__ import annotations

from evaluation.report.baseline import against
from evaluation.report.markdown import write_markdown
from evaluation.report.page import write_page
from evaluation.report.results import BaselineError, Results, RunInfo, read_results, results_of, write_results
from evaluation.report.terminal import print_tables

RESULTS_NAME = "results.json"
PAGE_NAME = "report.html"
TABLES_NAME = "tables.md"

__all__ = [
    "PAGE_NAME",
    "RESULTS_NAME",
    "TABLES_NAME",
    "BaselineError",
    "Results",
    "RunInfo",
    "against",
    "print_tables",
    "read_results",
    "results_of",
    "write_markdown",
    "write_page",
    "write_results",
]
