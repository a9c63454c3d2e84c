"""PDF by a program of the machine's: LilyPond or MuseScore, run in a folder of its own, with a deadline.

They are no Python and start processes of their own, so they cannot run in a confined worker. LilyPond's language has
commands: the host itself writes what it is given, from checked results. No text of a plugin's is in it.
"""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "lilypond": ("lilypond",),
    "musescore": ("mscore", "musescore", "mscore4portable", "musescore4", "mscore3", "musescore3"),
}
"""Names they are installed under."""
ENDINGS = {"lilypond": "ly", "musescore": "musicxml"}
"""What they read."""
WALL_S = 300.0
MEMORY = 4 << 30
"""Of its own; LilyPond takes 2 MB a bar."""


class EngravingFailed(Exception):
    """No PDF came of it; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Engraver:
    """A program that makes PDFs.

    Attributes
    ----------
    name
        "lilypond" or "musescore".
    program
        Where it lies.
    """

    name: str
    program: str

    @property
    def reads(self) -> str:
        """The format it is given: "lilypond" or "musicxml"."""
        return "lilypond" if self.name == "lilypond" else "musicxml"

    def pdf(self, score: bytes, wall_s: float = WALL_S) -> bytes:
        """A score as PDF; raises EngravingFailed."""
        with tempfile.TemporaryDirectory(prefix="hemiola-") as folder:
            source, target = Path(folder, f"score.{ENDINGS[self.name]}"), Path(folder, "score.pdf")
            source.write_bytes(score)
            told = self._run(self._command(source, target), folder, wall_s)
            if not target.is_file():
                said = told or "it did not say why"
                raise EngravingFailed(
                    f"{self.name} made none ({said}); a score too long for it may fit take by take"
                )
            return target.read_bytes()

    def _command(self, source: Path, target: Path) -> list[str]:
        if self.name == "lilypond":
            return [self.program, "--loglevel=ERROR", "--output", str(target.with_suffix("")), str(source)]
        return [self.program, "--export-to", str(target), str(source)]

    def _run(self, command: list[str], folder: str, wall_s: float) -> str:
        """Run it to its end, the last line that it printed; past the deadline it and what it started are killed."""
        surroundings = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": folder,
            "LANG": "C.UTF-8",
            "QT_QPA_PLATFORM": "offscreen",
        }
        with open(Path(folder, "printed"), "w+b") as printed:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=surroundings,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=printed,
                start_new_session=True,
            )
            _limit(process.pid)
            try:
                process.wait(wall_s)
            except subprocess.TimeoutExpired as error:
                late = f"{self.name} was not done after {wall_s:.0f} s; a single take may be short enough"
                raise EngravingFailed(late) from error
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            printed.seek(max(0, printed.seek(0, os.SEEK_END) - 2000))
            lines = printed.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1][:300] if lines else ""


def _limit(pid: int) -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            resource.prlimit(pid, resource.RLIMIT_DATA, (MEMORY, MEMORY))


def engraver(wanted: str | None) -> Engraver | None:
    """The program wanted, or without a wish the first there is; None when it is not installed."""
    for name in (wanted,) if wanted else tuple(PROGRAMS):
        for program in PROGRAMS[name]:
            found = shutil.which(program)
            if found is not None:
                return Engraver(name, found)
    return None
