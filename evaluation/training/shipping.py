"""The finished network as the files that the plugin reads."""

from __future__ import annotations

import json
from pathlib import Path

from evaluation.training.fit import FRAMES
from evaluation.training.network import Network, write_onnx
from evaluation.training.targets import BARS_S, EVENTS, METER_NAMES, TEMPOS
from plugins.beats.network import MODEL


def ship(network: Network, folder: Path) -> None:
    """Write the weights as ONNX and beside them what the heads mean."""
    folder.mkdir(parents=True, exist_ok=True)
    write_onnx(network, FRAMES, folder / f"{MODEL}.onnx")
    described = {
        "events": list(EVENTS),
        "meters": list(METER_NAMES),
        "tempos": [round(float(bpm), 4) for bpm in TEMPOS],
        "bars": [round(float(seconds), 4) for seconds in BARS_S],
        "licence": "MIT",
    }
    (folder / f"{MODEL}.json").write_text(json.dumps(described, indent=1) + "\n")
