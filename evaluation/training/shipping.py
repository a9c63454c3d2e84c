"""Finished networks as the files that the plugins read."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from evaluation.training.bar_network import BarNetwork
from evaluation.training.frame_network import BANDS, FrameNetwork
from evaluation.training.frames import FRAMES
from evaluation.training.targets import EVENTS, METER_NAMES, TEMPOS
from plugins.beats.network import MODEL as FRAME_MODEL
from plugins.meter.evidence import METERS
from plugins.meter.network import MODEL as BAR_MODEL
from plugins.meter.network import UNITS


class FrameSaying(nn.Module):
    """The first network's events and tempos; what else it learnt only taught it."""

    def __init__(self, network: FrameNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        """Probabilities and shares."""
        events, _, tempos, _ = self.network(frames)
        return torch.sigmoid(events), torch.softmax(tempos, -1)


class BarSaying(nn.Module):
    """The second network's downbeats, groups, beats and meters."""

    def __init__(self, network: BarNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, units: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
        """Probabilities and shares."""
        events, meters = self.network(units, there)
        return torch.sigmoid(events), torch.softmax(meters, -1)


def ship_frames(network: FrameNetwork, folder: Path) -> None:
    """Write the first network as ONNX, and beside it what its heads mean."""
    folder.mkdir(parents=True, exist_ok=True)
    given = (torch.zeros(1, FRAMES, BANDS),)
    _write(FrameSaying(network), given, folder / f"{FRAME_MODEL}.onnx", ["frames"], ["events", "tempos"])
    described = {"events": list(EVENTS), "tempos": [round(float(bpm), 4) for bpm in TEMPOS], "licence": "MIT"}
    (folder / f"{FRAME_MODEL}.json").write_text(json.dumps(described, indent=1) + "\n")


def ship_bars(network: BarNetwork, folder: Path) -> None:
    """Write the second network as ONNX; the plugin reads its meters in the order in which they were learnt."""
    assert METER_NAMES == METERS
    folder.mkdir(parents=True, exist_ok=True)
    given = (torch.zeros(1, UNITS, network.shape.features), torch.ones(1, UNITS))
    _write(BarSaying(network), given, folder / BAR_MODEL, ["units", "there"], ["events", "meters"])


def _write(
    network: nn.Module, given: tuple[Tensor, ...], to: Path, takes: list[str], says: list[str]
) -> None:
    """By tracing: nothing depends on the input's values, and torch's newer exporter needs packages of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            network.eval(),
            given,
            str(to),
            input_names=takes,
            output_names=says,
            dynamo=False,
            opset_version=17,
        )
