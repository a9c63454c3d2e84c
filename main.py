"""Hemiola's one door: `python main.py COMMAND ...`, or `.venv/bin/hemiola COMMAND ...`."""

import sys

from cli.app import main

if __name__ == "__main__":
    sys.exit(main())
