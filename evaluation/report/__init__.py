"""The report of a run: tables in the terminal, results.json, and one page."""
