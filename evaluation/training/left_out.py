"""What no training has heard, as sets for `hemiola evaluate`: python -m evaluation.training.left_out FOLDER.

One set a source, in the environment neural: other pattern families, other kits, another drummer, other textures.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from evaluation.scenes.files import write_wav, write_whole
from evaluation.training.recipe import portions

FROM = 10_000
"""The first number: those below are what the training watches itself by."""


def main() -> None:
    """Write what is missing."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.training.left_out", description=__doc__)
    parser.add_argument("folder", type=Path, help="gets a folder of audio and truth for every source")
    parser.add_argument("--count", type=int, default=100, help="clips of each source")
    asked = parser.parse_args()
    for portion in portions():
        folder = asked.folder / f"left-out-{portion.source.name}"
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(FROM, FROM + asked.count):
            path = folder / f"{number:05d}.json"
            if path.is_file():
                continue
            clip = portion.source.clip(number, True)
            write_wav(path.with_suffix(".wav"), clip.samples)
            write_whole(path, clip.truth.model_dump_json(exclude_none=True).encode())
        print(f"{folder}: {asked.count} clips")


if __name__ == "__main__":
    main()
