"""All that a plugin author imports.

>>> from hemiola import AudioView, Budget, Config, Context, Plugin, Region, Skip, hookimpl
>>> from hemiola.results import Beats, Onsets
"""

from hemiola.corrections import Corrections
from hemiola.errors import HemiolaError, Skip, Unavailable
from hemiola.hooks import hookimpl
from hemiola.plugin import AudioView, Budget, Config, Context, Plugin, Region
from hemiola.results.base import Frames, Result

__version__ = "0.4.0"

__all__ = [
    "AudioView",
    "Budget",
    "Config",
    "Context",
    "Corrections",
    "Frames",
    "HemiolaError",
    "Plugin",
    "Region",
    "Result",
    "Skip",
    "Unavailable",
    "hookimpl",
]
