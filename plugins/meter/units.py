"""What sounds about each unit of a pulse: the same of a slow and of a fast piece, so that bars can be counted.

References
----------
.. [1] F. Krebs, S. Boeck, M. Dorfer and G. Widmer, "Downbeat tracking using beat-synchronous features and recurrent
   neural networks", Proc. of the 17th Int. Society for Music Information Retrieval Conf. (ISMIR), 2016.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .states import FRAME_RATE

Doubles = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]

PLACES = np.array([0.0, 0.25, 0.5, 0.75])
"""Of a unit, at which is listened: sixteenths of a quarter."""


def width(columns: int) -> int:
    """Features of a unit, from activations of so many columns."""
    return len(PLACES) * columns + 1


def features(values: Floats, times: Doubles, columns: Sequence[int] | None = None) -> Floats:
    """Features of every unit but the last, which has no end.

    Parameters
    ----------
    values : ndarray of shape (n, columns)
        Events and bands at 50 frames a second.
    times : ndarray of shape (k + 1,)
        Units in seconds from the first frame, ascending.
    columns : sequence of int
        Which columns of `values` count; all by default.

    Returns
    -------
    ndarray of shape (k, width(columns)), float32
        The columns at each of the PLACES, the loudest of the two nearest frames; the logarithm of the unit's length.
    """
    lengths = np.diff(times)
    places = (times[:-1, None] + PLACES * lengths[:, None]) * FRAME_RATE
    low = np.clip(np.floor(places).astype(int), 0, len(values) - 1)
    high = np.clip(low + 1, 0, len(values) - 1)
    loudest = np.maximum(values[low], values[high])
    heard = (loudest if columns is None else loudest[..., columns]).reshape(len(lengths), -1)
    return np.concatenate([heard, np.log(lengths)[:, None]], axis=1).astype(np.float32)
