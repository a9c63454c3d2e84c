"""Madmom's ensemble of beat networks, all of them advancing through time together.

The eight networks of [1]_ (bidirectional, three layers of 25 LSTM units with peepholes, [2]_) are small, and
madmom steps through time once per network, direction and gate. Here the weights of all networks and both
directions are stacked: one step is one batched product and a dozen operations on 400 numbers. The
activations are madmom's to about 1e-6, several times faster.

The state is carried through a whole section. Cutting the audio into chunks with fresh networks would be
simpler, but the networks remember for minutes: with 60 s chunks the activation of real songs differs
by up to 0.2, however long the overlap.

References
----------
.. [1] S. Boeck and M. Schedl, "Enhanced beat tracking with context-aware neural networks", Proc. of the
   14th Int. Conf. on Digital Audio Effects (DAFx), 2011.
.. [2] F. Gers, N. Schraudolph and J. Schmidhuber, "Learning precise timing with LSTM recurrent networks",
   Journal of Machine Learning Research 3, 2002.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

SLAB = 256  # time steps whose inputs are projected together: a few MB
INPUT, FORGET, CELL, OUTPUT = range(4)


@dataclass(frozen=True)
class Layer:
    """One recurrent layer of all networks; D = 2 * networks, first the forward, then the backward halves.

    The rows of the gates are halved, because sigmoid(x) = (1 + tanh(x / 2)) / 2: one tanh serves all.

    Attributes
    ----------
    inputs : ndarray of shape (D, features, 4 * units)
        Gates in the order input, forget, cell, output.
    recurrent : ndarray of shape (D, units, 4 * units)
    bias : ndarray of shape (D, 1, 4 * units)
    peepholes : ndarray of shape (D, 3, units)
        Of the input, forget and output gate.
    """

    inputs: Floats
    recurrent: Floats
    bias: Floats
    peepholes: Floats

    @classmethod
    def stacked(cls, lstms: list[Any]) -> Layer:
        """From madmom LSTM layers of equal shape."""
        scale = (0.5, 0.5, 1.0, 0.5)

        def joined(name: str) -> Floats:
            rows = [
                np.concatenate(
                    [s * np.asarray(getattr(g, name)) for s, g in zip(scale, gates(m), strict=True)], -1
                )
                for m in lstms
            ]
            return np.ascontiguousarray(np.stack(rows), dtype=np.float32)

        def gates(lstm: Any) -> tuple[Any, ...]:
            return lstm.input_gate, lstm.forget_gate, lstm.cell, lstm.output_gate

        def peeps(lstm: Any) -> list[Any]:
            return [gate.peephole_weights for gate in (lstm.input_gate, lstm.forget_gate, lstm.output_gate)]

        peepholes = np.array([peeps(m) for m in lstms], np.float32) * np.float32(0.5)
        return cls(joined("weights"), joined("recurrent_weights"), joined("bias")[:, None], peepholes)


@dataclass(frozen=True)
class Ensemble:
    """Stacked recurrent layers and the networks' output layers: weights (networks, 2 * units), bias (networks,)."""

    layers: tuple[Layer, ...]
    weights: Floats
    bias: Floats

    @classmethod
    def stacked(cls, networks: list[Any]) -> Ensemble:
        """From madmom networks of equal shape."""
        depth = len(networks[0].layers) - 1
        layers = []
        for level in range(depth):
            ahead = [network.layers[level].fwd_layer for network in networks]
            behind = [network.layers[level].bwd_layer for network in networks]
            layers.append(Layer.stacked(ahead + behind))
        last = [network.layers[depth] for network in networks]
        weights = np.stack([np.asarray(layer.weights, np.float32)[:, 0] for layer in last])
        bias = np.array([np.asarray(layer.bias).ravel()[0] for layer in last], np.float32)
        return cls(tuple(layers), weights, bias)


class Cells:
    """The LSTM cells of one layer, all networks and both directions, and what they remember."""

    def __init__(self, layer: Layer) -> None:
        self.recurrent = layer.recurrent
        directions, self.units = layer.recurrent.shape[:2]
        self.to_gates = np.ascontiguousarray(layer.peepholes[:, :2].swapaxes(0, 1))
        self.to_output = np.ascontiguousarray(layer.peepholes[:, 2])
        shape = (directions, self.units)
        self.state = np.zeros(shape, np.float32)
        self.output = np.zeros(shape, np.float32)
        self._fed_back = np.empty((directions, 1, 4 * self.units), np.float32)
        self._peeped = np.empty((2, directions, self.units), np.float32)
        self._scratch = np.empty(shape, np.float32)

    def run(self, drive: Floats, outputs: Floats) -> None:
        """Advance through the rows of `drive`.

        Parameters
        ----------
        drive : ndarray of shape (time, 4, D, units)
            Projected inputs with bias, gate by gate so that each is contiguous; overwritten.
        outputs : ndarray of shape (time, D, units)
            Filled.
        """
        half = np.float32(0.5)
        fed_back = self._fed_back.reshape(-1, 4, self.units).swapaxes(0, 1)
        peeped, scratch, state = self._peeped, self._scratch, self.state
        for step, output in zip(drive, outputs, strict=True):
            np.matmul(self.output[:, None], self.recurrent, out=self._fed_back)
            step += fed_back
            gates, cell, last, opened = step[:CELL], step[CELL], step[OUTPUT], step[:OUTPUT]
            np.multiply(state, self.to_gates, out=peeped)
            gates += peeped
            np.tanh(opened, out=opened)
            gates *= half
            gates += half
            state *= gates[FORGET]
            cell *= gates[INPUT]
            state += cell
            np.multiply(state, self.to_output, out=scratch)
            last += scratch
            np.tanh(last, out=last)
            last *= half
            last += half
            np.tanh(state, out=output)
            output *= last
            self.output = output


def run_layer(layer: Layer, rows: Floats) -> Floats:
    """Outputs of one layer.

    Parameters
    ----------
    rows : ndarray of shape (time, networks or 1, features)

    Returns
    -------
    ndarray of shape (time, networks, 2 * units)
        Forward units, then backward ones, as the next layer takes them.
    """
    length = len(rows)
    directions, units = layer.recurrent.shape[:2]
    networks = directions // 2
    result = np.empty((length, networks, 2 * units), np.float32)
    cells = Cells(layer)
    for first in range(0, length, SLAB):
        size = min(length, first + SLAB) - first
        ahead, behind = slice(first, first + size), slice(length - first - size, length - first)
        drive = np.empty((directions, size, 4 * units), np.float32)
        for part, source in ((slice(0, networks), rows[ahead]), (slice(networks, None), rows[behind][::-1])):
            # Contiguous first: on a reversed view numpy leaves BLAS aside.
            np.matmul(np.ascontiguousarray(source.swapaxes(0, 1)), layer.inputs[part], out=drive[part])
        drive += layer.bias
        steps = np.ascontiguousarray(drive.reshape(directions, size, 4, units).transpose(1, 2, 0, 3))
        outputs = np.empty((size, directions, units), np.float32)
        cells.run(steps, outputs)
        result[ahead, :, :units] = outputs[:, :networks]
        result[behind, :, units:] = outputs[::-1, networks:]
    return result


def run_ensemble(ensemble: Ensemble, features: Floats) -> Floats:
    """Mean activation of the networks, which begin and end fresh.

    Parameters
    ----------
    features : ndarray of shape (time, features)

    Returns
    -------
    ndarray of shape (time,)
    """
    rows = features[:, None]
    del features
    for layer in ensemble.layers:
        rows = run_layer(layer, rows)
    weighted = np.einsum("tnu,nu->tn", rows, ensemble.weights) + ensemble.bias
    return np.asarray((0.5 * (1 + np.tanh(0.5 * weighted))).mean(axis=1), np.float32)
