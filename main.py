"""Hemiola's one door: `python main.py COMMAND ...`, or `.venv/bin/hemiola COMMAND ...`; `python main.py` serves."""

import sys

from cli.app import main

if __name__ == "__main__":
    sys.argv[1:] = sys.argv[1:] or ["serve"]
    sys.exit(main())
