"""Drop-ins that go wrong before a plugin of theirs is asked: when they are imported or name their plugins."""

from __future__ import annotations

HEAD = """
from hemiola import Config, Context, Plugin, Region, Result, hookimpl

class {title}(Result):
    question = "{name}"
    levels = ("take",)

class It(Plugin[{title}, Config]):
    name = "{name}.it"
    version = "1"

    def analyze(self, region: Region, context: Context) -> {title}:
        return {title}()
"""
HOOK = """
@hookimpl
def hemiola_plugins():
    return [It]
"""


def good(name: str) -> str:
    """A drop-in with one plugin of its own question."""
    return HEAD.format(name=name, title=name.title().replace("_", "")) + HOOK


BROKEN: dict[str, tuple[str, str]] = {
    "raises": ("raise RuntimeError('no such library')\n", "no such library"),
    "raises_oddly": ("raise KeyboardInterrupt\n", "KeyboardInterrupt"),
    "exits": ("import sys; sys.exit(2)\n", "SystemExit: 2"),
    "leaves": ("import os; os._exit(0)\n", "exited by itself with code 0"),
    "segfaults": ("import ctypes; ctypes.string_at(0)\n", "segmentation fault"),
    "eats": ("x = []\nwhile True: x.append(bytes(1 << 24))\n", "Memory"),
    "is_no_python": ("this is no Python, but a note to myself\n", "SyntaxError"),
    "is_binary": ("\x00\x01\x02", "null bytes"),
    "misspells": (good("misspelled").replace("def hemiola_plugins", "def hemiola_plugin"), "unknown hook"),
    "has_no_hook": (good("hookless").replace("@hookimpl\n", ""), "no hook found"),
    "raises_in_hook": (
        good("raising").replace("return [It]", "raise ValueError('hook')"),
        "ValueError: hook",
    ),
    "dies_in_hook": (good("dying").replace("return [It]", "import os; os.abort()"), "aborted"),
    "names_no_plugin": (good("wrong").replace("return [It]", "return ['It', 7]"), "list of plugin classes"),
    "has_no_version": (good("versionless").replace('version = "1"', 'version = ""'), "version is missing"),
    "takes_a_known_name": (good("beats").replace("class Beats", "class Mine"), "NameError"),
    "imitates_beats": (good("beats"), "answered with hemiola.results.Beats"),
    "tells_too_much": (
        good("talkative").replace("It(Plugin", "Long(Plugin")
        + "\nIt = type('It', (Long,), {'licence': 'x' * 10**6})\n",
        "licence",
    ),
    "forks": ("import os\nwhile True: os.fork()\n", "not permitted"),
}
"""Text of a drop-in, and what its problem must say."""

HANGING: dict[str, tuple[str, str]] = {
    "loops": ("while True: pass\n", "10 s"),
    "sleeps": ("import time; time.sleep(600)\n", "10 s"),
    "loops_in_hook": (good("looping").replace("return [It]", "\n    while True: pass"), "10 s"),
}
"""The same; each takes ten seconds until it is given up."""

ONLY_WHEN_ASKED = """
import sys
frame = sys._getframe()
while frame is not None and not frame.f_code.co_filename.endswith("analyze.py"):
    frame = frame.f_back
if frame is not None:
    {act}
"""
"""Goes wrong at its import too, but not while it is described."""
LATER: dict[str, tuple[str, tuple[str, str, str | None]]] = {
    "raises_later": ("raise RuntimeError('later')", ("failed", "exception", None)),
    "exits_later": ("import os; os._exit(3)", ("crashed", "exit", None)),
    "segfaults_later": ("import ctypes; ctypes.string_at(0)", ("crashed", "signal", "SIGSEGV")),
    "sleeps_later": ("import time; time.sleep(600)", ("timed_out", "still", "SIGKILL")),
    "eats_later": ("bytes(64 << 30)", ("out_of_memory", "memory_error", None)),
}


def later(name: str) -> str:
    """A drop-in that is described well and goes wrong when it is imported for a job."""
    return ONLY_WHEN_ASKED.format(act=LATER[name][0]) + good(name)
