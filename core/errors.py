"""The engine's exceptions.

EngineError
    BadRequest      what was asked for cannot be done: unknown question or plugin, settings that do not fit
    BadSettings     a flag, variable or settings file holds a value that cannot be used
    NotFound        a job, file or plugin that is not there
    Conflict        what was asked for cannot be done in the state things are in
    TooLarge        an upload larger than uploads may be
    NoRoom          the disk cannot take what should be kept
    NoModel         a model cannot be had: its source, its bytes or the disk stand in the way
    IntakeRefused   a file cannot be taken in; carries the intake code
    NotInstalled    a program or package that is needed is not there
    ExportFailed    a document could not be written
"""

from bridges.intake_codes import IntakeCode


class EngineError(Exception):
    """Root of what the engine says about requests; the message is a sentence."""


class BadRequest(EngineError):
    """What was asked for cannot be done; the message names what is known instead."""


class NotFound(EngineError):
    """A job, file or plugin that is not there; the message names it."""


class Conflict(EngineError):
    """What was asked for cannot be done now; the message says what stands in its way."""


class TooLarge(EngineError):
    """An upload larger than uploads may be."""


class NoRoom(EngineError):
    """The disk cannot take what should be kept."""


class NoModel(EngineError):
    """A model cannot be had; the message is a sentence with what stands in the way."""


class NotInstalled(EngineError):
    """A program or package that is needed is not there; the message names it."""


class ExportFailed(EngineError):
    """A document could not be written; the message says what went wrong."""


class BadSettings(EngineError):
    """A setting holds a value that cannot be used; the message says where it was read."""


class IntakeRefused(EngineError):
    """A file cannot be taken in."""

    def __init__(self, code: IntakeCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
