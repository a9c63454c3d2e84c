"""The engine: intake, regions, chain, jobs, ledger, summary, settings. No HTTP, no SQL, no plugin code."""
