"""The exceptions of the SDK.

HemiolaError
    Skip            a plugin has nothing to say about this region: ends the question
    Unavailable     a plugin cannot answer here: passes the question on to the next provider
    PluginError     a plugin is declared wrongly
    FrameError      bytes between processes that are no frame
"""


class HemiolaError(Exception):
    """Root of the SDK's exceptions."""


class Skip(HemiolaError):
    """Raise it with a sentence: there is nothing to answer in this region, and no other provider need try."""


class Unavailable(HemiolaError):
    """Raise it with a sentence: this provider cannot answer here; the next one is asked."""


class PluginError(HemiolaError):
    """A plugin's declaration is wrong; the message says what, where, and what to write instead."""


class FrameError(HemiolaError):
    """Bytes received are no frame, or one larger than allowed."""
