"""Networks in ONNX files, run as a worker should: on one thread of the CPU, without words on the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hemiola.errors import Unavailable


def session(path: Path) -> Any:
    """The onnxruntime session of a network; the plugin's environment has to hold onnxruntime.

    Raises
    ------
    Unavailable
        There is no such file, so that the next provider is asked.
    """
    import onnxruntime

    if not path.is_file():
        raise Unavailable(f"the network's weights are missing: there is no {path}; install the plugin whole")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
