"""The plugins that name a meter: `meter.net`, `meter.periodicity` without a network; two peers."""

from __future__ import annotations

from typing import Any

from hemiola import Plugin, hookimpl

from .beat_this import BeatThisMeter
from .classical import PeriodicityMeter
from .net import NetMeter
from .peers import MadmomMeter


@hookimpl
def hemiola_plugins() -> list[type[Plugin[Any, Any]]]:
    """The plugins of this folder."""
    return [NetMeter, PeriodicityMeter, MadmomMeter, BeatThisMeter]
