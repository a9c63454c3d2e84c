"""What intake can say about a file: codes that host and decoder share, and the exception that carries one.

Standard library only, so that the host can read the codes without a decoder in its environment.
"""

from __future__ import annotations

from enum import StrEnum


class IntakeCode(StrEnum):
    """Why a file was, or was not, taken in.

    The decoder sends the codes down to `NO_SPACE`; the rest are the host's own findings about the file or
    the decoder's process. A file of a single sample is a file: there is no code for "too short".
    """

    OK = "ok"
    """Decoded to its end."""
    TRUNCATED = "truncated"
    """Ends before its header says, or cannot be decoded further; analysed up to `truncated_at_s`."""
    EMPTY = "empty"
    """Zero bytes."""
    NO_AUDIO = "no_audio"
    """A readable file without a single sample of sound: a header alone, or pictures alone."""
    UNKNOWN_FORMAT = "unknown_format"
    """No decoder recognises the content."""
    DAMAGED = "damaged"
    """Recognised, but nothing of it can be decoded."""
    UNSUPPORTED = "unsupported"
    """Recognised, but outside what is analysed: codec, more than 64 channels, an odd sample rate."""
    TOO_LONG = "too_long"
    """Holds, or unpacks to, more than the longest recording that is analysed."""
    NO_SPACE = "no_space"
    """The disk, or the room given to this file, would not hold its unpacked sound."""
    UNREADABLE = "unreadable"
    """The operating system refused or failed to read it."""
    NOT_A_FILE = "not_a_file"
    """A folder, a pipe, a device: not a regular file."""
    CHANGED = "changed"
    """Its bytes changed while it was read."""
    VANISHED = "vanished"
    """It was gone when its turn came."""
    DECODER_CRASHED = "decoder_crashed"
    """The decoder's process died on it."""
    TIMED_OUT = "timed_out"
    """The decoder did not finish in its time."""


class IntakeFailure(Exception):
    """A file that cannot be taken in.

    Parameters
    ----------
    code : IntakeCode
        What kind of failure it is.
    reason : str
        One sentence for a musician: the file's name and the cause.
    """

    def __init__(self, code: IntakeCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
