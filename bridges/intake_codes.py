"""The codes with which intake speaks of a file, for the host; `bridges.tasks._codes` defines them."""

from bridges.tasks._codes import IntakeCode

__all__ = ["IntakeCode"]
