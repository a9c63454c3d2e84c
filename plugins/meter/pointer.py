"""The bar pointer: forward and backward through all bars, beats and tempos, and the most probable way.

A hidden semi-Markov model: a state lasts a beat, so only where beats begin is there anything to decide, and what
lies between is a difference of times. Scores are relative to a model in which nothing ever happens; a state of
rest, in which nothing does, leads into the bars and out of them.

References
----------
.. [1] N. Whiteley, A. T. Cemgil and S. Godsill, "Bayesian modelling of temporal structure in musical audio", Proc. of
   the 7th Int. Conf. on Music Information Retrieval (ISMIR), 2006.
.. [2] S.-Z. Yu, "Hidden semi-Markov models", Artificial Intelligence 174(2), 2010.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .evidence import Evidence
from .states import FRAME_RATE, States

Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

Floats = npt.NDArray[np.float32]

OFFSETS = (-1, 0, 1)
"""Frames by which a beat may come early or late."""
LOW, HIGH = 1e-9, 1e9
"""Between these the largest probability is kept, so that single precision will do."""
TINY = 1e-280


@dataclass(frozen=True)
class Model:
    """Weights of the evidence and costs of what is rare, in nats.

    Attributes
    ----------
    weights : of the log-odds of each head
    meter, tempo : of the log-shares, a second
    offset : cost of a beat a frame early or late
    drift : cost of a tempo one and two steps away
    change : of another bar at a bar line
    jump : of any other tempo there
    enter, leave : of rest
    """

    weights: dict[str, float] = field(
        default_factory=lambda: {"unit": 0.4, "tactus": 0.6, "downbeat": 0.8, "group": 0.4}
    )
    meter: float = 0.6
    tempo: float = 0.3
    offset: float = 0.5
    drift: tuple[float, float] = (1.2, 3.0)
    change: float = 9.0
    jump: float = 11.0
    enter: float = 6.0
    leave: float = 4.0


@dataclass(frozen=True)
class Event:
    """A beat of the most probable way: its frame, state, and whether it follows a rest."""

    frame: int
    state: int
    tempo: int
    entered: bool


@dataclass(frozen=True)
class Reading:
    """What was found.

    Attributes
    ----------
    events : the beats, in order
    downbeats : shape (n, b): probability that a bar of each kind begins at a frame
    shares : shape (n, b): probability that one of each kind is being played there
    rest : shape (n,): probability of rest
    """

    events: tuple[Event, ...]
    downbeats: Doubles
    shares: Doubles
    rest: Doubles


class Pointer:
    """The model over one stretch of evidence.

    Parameters
    ----------
    states : States
    evidence : Evidence
        At n frames.
    model : Model
    prior : ndarray of shape (b,)
        Probability of each bar before anything is heard.
    """

    def __init__(self, states: States, evidence: Evidence, model: Model, prior: Doubles) -> None:
        self.states, self.model = states, model
        self.count = len(evidence.odds["tactus"])
        self._pad = int(states.lasting.max()) + 2
        self._prior = (prior / prior.sum()).astype(np.float32)
        self._observed(evidence)
        kernel = np.exp([-model.drift[1], -model.drift[0], 0.0, -model.drift[0], -model.drift[1]])
        self._kernel = (kernel / kernel.sum()).astype(np.float32)
        self._late = np.float32(np.exp(-model.offset) / (1.0 + 2.0 * np.exp(-model.offset)))
        self._change, self._jump = np.exp(-model.change), np.exp(-model.jump)
        self._enter, self._leave = np.exp(-model.enter), np.exp(-model.leave)
        beats = np.bincount(states.bar)[states.bar]
        start = self._enter * self._prior[states.bar] / beats / states.shape[1]
        self._start = np.repeat(start[:, None], states.shape[1], axis=1).astype(np.float32)

    # -- what is heard -----------------------------------------------------------------------

    def _observed(self, evidence: Evidence) -> None:
        """Logarithms of what a beat of each state is worth at each frame, in parts that `_worth` adds up."""
        states, model = self.states, self.model
        odds = {
            name: (weight * evidence.odds[name]).astype(np.float32) for name, weight in model.weights.items()
        }
        is_first = np.zeros(len(states.bar), np.float32)
        is_first[states.first] = 1.0
        struck = (odds["tactus"] + odds["unit"])[:, None] + odds["downbeat"][:, None] * is_first
        self._struck = struck + odds["group"][:, None] * states.group
        self._unit = np.concatenate([odds["unit"], np.zeros(self._pad, np.float32)])
        self._meter = (model.meter * evidence.of_bars(states.bars) / FRAME_RATE).astype(np.float32)[
            :, states.bar
        ]
        self._tempo = (model.tempo * evidence.of_tempos(states.tempos) / FRAME_RATE).astype(np.float32)
        self._lasting = states.lasting.astype(np.float32)
        self._inner: list[tuple[Ints, list[Ints]]] = []
        for units in sorted(set(states.inner.tolist()) - {1}):
            rows = np.flatnonzero(states.inner == units)
            whole = states.lasting[rows[0]]
            self._inner.append(
                (rows, [np.round(whole * unit / units).astype(np.int64) for unit in range(1, units)])
            )

    def _worth(self, frame: int) -> Floats:
        """What it is worth that a beat of each state begins at a frame, shape (s, p), as a factor."""
        worth = self._meter[frame][:, None] + self._tempo[frame]
        worth *= self._lasting
        worth += self._struck[frame][:, None]
        for rows, units in self._inner:
            worth[rows] += sum(self._unit[frame + unit] for unit in units)
        return np.exp(worth, out=worth)

    # -- forward -------------------------------------------------------------------------------

    def forward(self) -> None:
        """Probability of all that is heard up to each frame, with a beat of each state beginning there."""
        states, n = self.states, self.count
        past = _Window(states.shape, self._pad)
        back = past.index(-states.lasting)
        self.alpha = np.zeros((n, *states.shape), np.float32)
        self.scale, self.rest, self.exits = np.zeros(n), np.zeros(n), np.zeros(n)
        rest, total = 1.0, 0.0
        for frame in range(n):
            begun = self._onward(past.taken(frame, back))
            begun += np.float32(rest) * self._start
            begun *= self._worth(frame)
            peak = max(float(begun.max()), rest)
            if not LOW < peak < HIGH:
                begun /= np.float32(peak)
                past.divide(peak)
                rest /= peak
                total += float(np.log(peak))
                peak = 1.0
            past.put(frame, begun, self._late)
            left = float(begun.sum()) * self._leave
            self.alpha[frame] = begun
            self.scale[frame] = total
            self.exits[frame] = np.log(left + TINY) + total
            rest += left
            self.rest[frame] = np.log(rest) + total

    def _onward(self, ended: Floats) -> Floats:
        """From beats that end, by their states, to those that follow: tempo and bar change as they may."""
        states = self.states
        moved = _smoothed(ended, self._kernel)
        begun: Floats = moved[states.before]
        lines = moved[states.last].sum(axis=0)
        turned = self._change * lines + self._jump * lines.mean()
        begun[states.first] += self._prior[:, None] * turned.astype(np.float32)
        return begun

    # -- backward ------------------------------------------------------------------------------

    def backward(self) -> Reading:
        """Probabilities of everything given all that is heard, and the most probable way."""
        states, n = self.states, self.count
        future = _Window(states.shape, self._pad)  # of what is to come, time running backwards
        back = future.index(-states.lasting)
        downbeats = np.zeros((n, len(states.bars)))
        playing = np.zeros((n + self._pad, len(states.bars)))
        resting = np.zeros(n)
        rest, total = 1.0, 0.0  # of what comes after rest
        for step in range(n):
            frame = n - 1 - step
            resting[frame] = np.exp(self.rest[frame] + np.log(rest) + total - self.rest[-1])
            after = future.taken(step, back)
            after += np.float32(self._leave * rest)
            whole = np.exp(np.clip(self.scale[frame] + total - self.rest[-1], -700, 300))
            self._count(self.alpha[frame] * after, whole, frame, downbeats, playing)
            after *= self._worth(frame)
            rest += float(np.vdot(self._start, after))
            before = self._backward_onward(after)
            peak = max(rest, float(before.max()))
            if not LOW < peak < HIGH:
                before /= np.float32(peak)
                future.divide(peak)
                rest /= peak
                total += float(np.log(peak))
            future.put(step, before, self._late)
        return Reading(self._way(), np.minimum(downbeats, 1.0), np.minimum(playing[:n], 1.0), resting)

    def _backward_onward(self, begun: Floats) -> Floats:
        """The transpose of `_onward`: what each ending beat leads to."""
        states = self.states
        following = np.zeros_like(begun)
        following[states.before] = begun
        lines = (self._prior[:, None] * begun[states.first]).sum(axis=0)
        following[states.last] += (self._change * lines + self._jump * lines.mean()).astype(np.float32)
        return _smoothed(following, self._kernel)

    def _count(self, joint: Floats, factor: float, frame: int, downbeats: Doubles, playing: Doubles) -> None:
        """Add what is probable at a frame to the sums."""
        states = self.states
        by_state = joint.sum(axis=1).astype(float) * factor
        downbeats[frame] = by_state[states.first]
        for state in np.flatnonzero(by_state > 1e-3):
            lasting = float(joint[state] @ self._lasting[state]) * factor / by_state[state]
            playing[frame : frame + round(lasting), states.bar[state]] += by_state[state]

    # -- the way -------------------------------------------------------------------------------

    def _way(self) -> tuple[Event, ...]:
        """Back from the end, each time to the most probable of what could come before."""
        events: list[Event] = []
        frame = self._exit(self.count - 1)
        while frame is not None:
            state, tempo = (int(i) for i in np.unravel_index(self.alpha[frame].argmax(), self.states.shape))
            while True:
                before = self._before(frame, state, tempo)
                events.append(Event(frame, state, tempo, before is None))
                if before is None:
                    break
                frame, state, tempo = before
            frame = self._exit(frame - 1)
        return tuple(reversed(events))

    def _exit(self, frame: int) -> int | None:
        """Where the rest that lasts at a frame was entered; None if it lasts from the start."""
        if frame < 0:
            return None
        best = int(self.exits[: frame + 1].argmax())
        return best if self.exits[best] > 0.0 else None

    def _before(self, frame: int, state: int, tempo: int) -> tuple[int, int, int] | None:
        """The most probable beat before one; None for a rest."""
        states, model = self.states, self.model
        ours = states.before[state]
        is_first = state == states.first[states.bar[state]]
        candidates = states.last if is_first else np.array([ours])
        bar = states.bar[state]
        best, found = (
            np.log(self._enter * self._prior[bar] / (states.shape[1] * np.bincount(states.bar)[bar])),
            None,
        )
        best += self.rest[frame - 1] if frame else 0.0
        steps = np.abs(np.arange(states.shape[1]) - tempo)
        near = np.where(steps <= 2, np.log(self._kernel[np.minimum(2 + steps, 4)]), -np.inf)
        for offset, share in zip(OFFSETS, (self._late, 1 - 2 * self._late, self._late), strict=True):
            at = frame - states.lasting[candidates] - offset
            inside = at >= 0
            rows = np.clip(at, 0, None)
            value = np.log(
                self.alpha[rows, candidates[:, None], np.arange(states.shape[1])].astype(float) + TINY
            )
            value = value + np.where(inside, self.scale[rows], -np.inf) + np.log(share)
            same = (candidates == ours)[:, None]
            turned = (
                np.logaddexp(near + np.log(self._prior[bar]) - model.change, self._jumped(bar))
                if is_first
                else -np.inf
            )
            value = value + np.where(same, np.logaddexp(near, turned), turned)
            index = np.unravel_index(int(value.argmax()), value.shape)
            if value[index] > best:
                best = value[index]
                found = (int(at[index]), int(candidates[index[0]]), int(index[1]))
        return found

    def _jumped(self, bar: int) -> float:
        return float(np.log(self._prior[bar]) - self.model.jump - np.log(self.states.shape[1]))


class _Window:
    """The latest frames of an array over states, each blurred over its neighbours in time; what is older is dropped."""

    def __init__(self, shape: tuple[int, int], longest: int) -> None:
        self._longest, self._size = longest, shape[0] * shape[1]
        self._rows = np.zeros((3 * longest, *shape), np.float32)
        self._flat = self._rows.reshape(-1)
        self._shift = -longest
        self._last = np.zeros(shape, np.float32)
        self._taken = np.zeros(shape, np.float32)

    def index(self, offsets: Ints) -> Ints:
        """Where the values of frame + offset lie, relative to the frame, shape (s, p)."""
        return np.asarray(offsets * self._size + np.arange(self._size).reshape(offsets.shape))

    def taken(self, frame: int, index: Ints) -> Floats:
        """The values at those places; overwritten by the next call."""
        self._turn(frame)
        return np.take(self._flat, index + (frame - self._shift) * self._size, out=self._taken, mode="clip")

    def put(self, frame: int, values: Floats, neighbour: np.float32) -> None:
        """Write a frame; it and the one before it count as a little of each other."""
        row = frame - self._shift
        part = neighbour * values
        self._rows[row] = (1 - 2 * neighbour) * values + neighbour * self._last
        self._rows[row - 1] += part
        self._last = values

    def divide(self, by: float) -> None:
        """Divide all that is kept."""
        self._rows *= np.float32(1.0 / by)
        self._last = self._last / np.float32(by)

    def _turn(self, frame: int) -> None:
        if frame - self._shift < len(self._rows):
            return
        self._rows[: self._longest] = self._rows[-self._longest :]
        self._shift += len(self._rows) - self._longest


def _smoothed(values: Floats, kernel: Floats) -> Floats:
    """Along the tempos, by a kernel of five."""
    out = kernel[2] * values
    for step in (1, 2):
        out[:, step:] += kernel[2 - step] * values[:, :-step]
        out[:, :-step] += kernel[2 + step] * values[:, step:]
    return out
