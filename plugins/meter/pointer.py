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

OFFSETS = (-1, 0, 1)
"""Frames by which a beat may come early or late."""
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
        beats, tempos = states.shape
        self._pad = int(states.lasting.max()) + 2
        self._prior = prior / prior.sum()
        self._flat = np.arange(beats)[:, None] * tempos + np.arange(tempos)[None, :]
        self._observed(evidence)
        self._kernel = np.exp([-model.drift[1], -model.drift[0], 0.0, -model.drift[0], -model.drift[1]])
        self._kernel /= self._kernel.sum()
        self._early = np.exp([-model.offset * abs(o) for o in OFFSETS])
        self._early /= self._early.sum()
        self._change, self._jump = np.exp(-model.change), np.exp(-model.jump)
        self._enter, self._leave = np.exp(-model.enter), np.exp(-model.leave)

    # -- what is heard -----------------------------------------------------------------------

    def _observed(self, evidence: Evidence) -> None:
        """Logarithms of what a beat of each state is worth at each frame, in parts that `_worth` adds up."""
        states, model = self.states, self.model
        odds = {name: model.weights[name] * evidence.odds[name] for name in model.weights}
        self._beat = odds["tactus"] + odds["unit"]
        self._first, self._group = odds["downbeat"], odds["group"]
        self._unit = np.concatenate([odds["unit"], np.zeros(self._pad)])
        self._meter = model.meter * evidence.of_bars(states.bars) / FRAME_RATE
        self._tempo = model.tempo * evidence.of_tempos(states.tempos) / FRAME_RATE
        is_first = np.zeros(len(states.bar))
        is_first[states.first] = 1.0
        self._is_first, self._is_group = is_first[:, None], states.group.astype(float)[:, None]

    def _worth(self, frame: int) -> Doubles:
        """What it is worth that a beat of each state begins at a frame, shape (s, p), as a factor."""
        states = self.states
        ongoing = self._meter[frame, states.bar][:, None] + self._tempo[frame][None, :]
        struck = self._beat[frame] + self._is_first * self._first[frame] + self._is_group * self._group[frame]
        inner = np.zeros((4, len(states.tempos)))
        for units in (2, 3):
            some = np.flatnonzero(states.inner == units)
            if len(some):
                lasting = states.lasting[some[0]]
                for unit in range(1, units):
                    inner[units] += self._unit[frame + np.round(lasting * unit / units).astype(int)]
        return np.asarray(np.exp(struck + inner[states.inner] + states.lasting * ongoing))

    # -- forward -------------------------------------------------------------------------------

    def forward(self) -> None:
        """Probability of all that is heard up to each frame, with a beat of each state beginning there."""
        states, n, pad = self.states, self.count, self._pad
        shape = states.shape
        ring = np.zeros((pad, *shape))
        self.alpha = np.zeros((n, *shape), np.float32)
        self.scale = np.zeros(n)
        self.rest = np.zeros(n)
        self.exits = np.zeros(n)
        rest, total = 1.0, 0.0
        start = np.zeros(shape)
        start += (self._prior[states.bar] / np.bincount(states.bar)[states.bar])[:, None] / shape[1]
        for frame in range(n):
            arrived = self._arrived(ring, frame)
            ring_now = arrived
            ring_now += rest * self._enter * start
            ring_now *= self._worth(frame)
            ring[frame % pad] = ring_now
            peak = max(float(ring_now.max()), rest)
            if peak > 1e60 or peak < 1e-60:
                ring /= peak
                ring_now = ring[frame % pad]
                rest /= peak
                total += float(np.log(peak))
                peak = 1.0
            left = float(ring_now.sum()) * self._leave
            self.alpha[frame] = ring_now / peak
            self.scale[frame] = total + np.log(peak)
            self.exits[frame] = np.log(left + TINY) + total
            rest += left
            self.rest[frame] = np.log(rest) + total

    def _arrived(self, ring: Doubles, frame: int) -> Doubles:
        """Beats that end at a frame, where the next one begins: shape (s, p), by the state that begins."""
        states = self.states
        size = states.shape[0] * states.shape[1]
        flat = ring.reshape(-1)
        ended = np.zeros(states.shape)
        for offset, share in zip(OFFSETS, self._early, strict=True):
            at = (frame - states.lasting - offset) % self._pad
            ended += share * flat[at * size + self._flat]
        return self._onward(ended)

    def _onward(self, ended: Doubles) -> Doubles:
        """From beats that end to those that follow, tempo and bar changing as they may."""
        states = self.states
        moved = _smoothed(ended, self._kernel)
        begun = moved[states.before]
        lines = moved[states.last].sum(axis=0)
        jumps = lines.sum() / len(lines)
        begun[states.first] += self._prior[:, None] * (self._change * lines + self._jump * jumps)[None, :]
        return begun

    # -- backward ------------------------------------------------------------------------------

    def backward(self) -> Reading:
        """Probabilities of everything given all that is heard, and the most probable way."""
        states, n, pad = self.states, self.count, self._pad
        shape = states.shape
        size = shape[0] * shape[1]
        ring = np.zeros((pad, *shape))  # worth times what comes after, of frames to come
        downbeats, playing = np.zeros((n, len(states.bars))), np.zeros((n + pad, len(states.bars)))
        resting = np.zeros(n)
        rest, total = 1.0, 0.0  # what comes after rest
        start = np.zeros(shape)
        start += (self._prior[states.bar] / np.bincount(states.bar)[states.bar])[:, None] / shape[1]
        evidence = self.rest[-1]
        for frame in range(n - 1, -1, -1):
            resting[frame] = min(1.0, float(np.exp(self.rest[frame] + np.log(rest) + total - evidence)))
            after = np.zeros(shape)
            flat = ring.reshape(-1)
            for offset, share in zip(OFFSETS, self._early, strict=True):
                at = frame + states.lasting + offset
                after += share * np.where(at < n, flat[(at % pad) * size + self._flat], 0.0)
            after = after + self._leave * rest
            worth = self._worth(frame)
            posterior = self.alpha[frame] * after * np.exp(self.scale[frame] + total - evidence)
            self._count(posterior, frame, downbeats, playing)
            begun = worth * after
            ring[frame % pad] = self._backward_onward(begun)
            rest += self._enter * float((start * begun).sum())
            peak = max(rest, float(ring[frame % pad].max()))
            if peak > 1e60 or peak < 1e-60:
                ring /= peak
                rest /= peak
                total += float(np.log(peak))
        return Reading(self._way(), downbeats, playing[:n], resting)

    def _backward_onward(self, begun: Doubles) -> Doubles:
        """The transpose of `_onward`: what each ending beat leads to."""
        states = self.states
        following = np.zeros(states.shape)
        following[states.before] = begun
        lines = (self._prior[:, None] * begun[states.first]).sum(axis=0)
        following[states.last] += self._change * lines + self._jump * lines.sum() / len(lines)
        return _smoothed(following, self._kernel)

    def _count(self, posterior: Doubles, frame: int, downbeats: Doubles, playing: Doubles) -> None:
        states = self.states
        downbeats[frame] = posterior[states.first].sum(axis=1)
        if posterior.sum() < 1e-6:
            return
        by_state = posterior.sum(axis=1)
        lasting = (posterior * states.lasting).sum(axis=1) / np.maximum(by_state, TINY)
        for state in np.flatnonzero(by_state > 1e-4):
            playing[frame : frame + round(lasting[state]), states.bar[state]] += by_state[state]

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
        for offset, share in zip(OFFSETS, self._early, strict=True):
            at = frame - states.lasting[candidates] - offset
            inside = at >= 0
            rows = np.clip(at, 0, None)
            value = np.log(self.alpha[rows, candidates[:, None], np.arange(states.shape[1])] + TINY)
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


def _smoothed(values: Doubles, kernel: Doubles) -> Doubles:
    """Along the tempos, by a kernel of five."""
    out = kernel[2] * values
    for step in (1, 2):
        out[:, step:] += kernel[2 - step] * values[:, :-step]
        out[:, :-step] += kernel[2 + step] * values[:, step:]
    return np.asarray(out)
