"""The drum network's weights, and beside them what its probabilities mean."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from safetensors.torch import load_file, save_file

from hemiola import Unavailable

from .network import HitNetwork
from .strokes import Scale

FOLDER = Path(__file__).parent / "models"
MODEL = "hemiola-hits"


def read(folder: Path = FOLDER) -> tuple[HitNetwork, Scale]:
    """Network and scale.

    Raises
    ------
    Unavailable
        A file is not there.
    """
    weights, scale = folder / f"{MODEL}.safetensors", folder / f"{MODEL}.json"
    for path in (weights, scale):
        if not path.is_file():
            raise Unavailable(f"the drum network is missing: there is no {path}; check out the project whole")
    network = HitNetwork()
    network.load_state_dict(load_file(weights))
    told = json.loads(scale.read_text())
    low, high = told["calibration"]
    return network.eval(), Scale(told["thresholds"], (tuple(low), tuple(high)))


def write(network: HitNetwork, scale: Scale, folder: Path) -> None:
    """The files that `read` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: value.contiguous() for name, value in network.state_dict().items()}
    save_file(state, folder / f"{MODEL}.safetensors", {"licence": "MIT"})
    (folder / f"{MODEL}.json").write_text(json.dumps({"licence": "MIT"} | asdict(scale), indent=1) + "\n")
