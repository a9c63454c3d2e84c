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

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .evidence import Evidence
from .model import Model
from .recent import Recent
from .states import FRAME_RATE, SLOW, States

Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

Floats = npt.NDArray[np.float32]

OFFSETS = (-1, 0, 1)
"""Frames by which a beat may come early or late."""
LOW, HIGH = 1e-9, 1e9
"""Between these the largest probability is kept, so that single precision will do."""
TINY = 1e-280


@dataclass(frozen=True)
class Event:
    """A beat of the most probable way: its frame, state, and whether it follows a rest."""

    frame: int
    state: int
    tempo: int
    entered: bool


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
        self._aside = np.float32(np.exp(-model.drift) / (1.0 + 2.0 * np.exp(-model.drift)))
        self._late = np.float32(np.exp(-model.offset) / (1.0 + 2.0 * np.exp(-model.offset)))
        self._change, self._jump = np.exp(-model.change), np.exp(-model.jump)
        self._enter, self._leave = np.exp(-model.enter), np.exp(-model.leave)
        beats = np.bincount(states.bar)[states.bar]
        others = np.where(beats > 1, (1.0 - model.on_one) / np.maximum(1, beats - 1), 0.0)
        place = np.where(
            np.isin(np.arange(len(beats)), states.first), np.where(beats > 1, model.on_one, 1.0), others
        )
        start = self._enter * self._prior[states.bar] * place / states.shape[1]
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
        self._meter, self._tempo = self._states(evidence)
        self._lasting = states.lasting.astype(np.float32)
        self._block, self._ongoing = -1, self._lasting
        self._inner: list[tuple[Ints, list[Ints]]] = []
        for units in sorted(set(states.inner.tolist()) - {1}):
            rows = np.flatnonzero(states.inner == units)
            whole = states.lasting[rows[0]]
            self._inner.append(
                (rows, [np.round(whole * unit / units).astype(np.int64) for unit in range(1, units)])
            )

    def _states(self, evidence: Evidence) -> tuple[Floats, Floats]:
        """What meters, shape (m, s), and tempos, (m, p), are worth a frame."""
        states, model = self.states, self.model
        meters, tempos = evidence.of_bars(states.bars), evidence.of_tempos(states.tempos)
        if model.certain:
            meters, tempos = (part - part.max(axis=1, keepdims=True) for part in (meters, tempos))
        by_frame = (model.meter * meters[:, states.bar], model.tempo * tempos)
        return by_frame[0].astype(np.float32) / FRAME_RATE, by_frame[1].astype(np.float32) / FRAME_RATE

    def _worth(self, frame: int) -> Floats:
        """What it is worth that a beat of each state begins at a frame, shape (s, p), as a factor."""
        block = frame // SLOW
        if block != self._block:
            ongoing = self._meter[block][:, None] + self._tempo[block]
            ongoing *= self._lasting
            self._ongoing, self._block = np.exp(ongoing, out=ongoing), block
        worth = self._ongoing * np.exp(self._struck[frame])[:, None]
        for rows, units in self._inner:
            worth[rows] *= np.exp(sum(self._unit[frame + unit] for unit in units))
        return worth

    # -- forward -------------------------------------------------------------------------------

    def forward(self) -> None:
        """Probability of all that is heard up to each frame, with a beat of each state beginning there."""
        states, n = self.states, self.count
        past = Recent(states.shape, self._pad)
        back = past.index(-states.lasting)
        self.alpha = np.zeros((n, *states.shape), np.float32)
        self.scale = np.zeros(n)
        self.rest, self.exits = np.zeros(n + self._pad), np.zeros(n + self._pad)
        rest, total = 1.0, 0.0
        for frame in range(n + self._pad):
            ended = past.taken(frame, back)
            left = float(ended.sum()) * self._leave
            if frame < n:
                begun = self._onward(ended)
                begun += np.float32(rest) * self._start
                begun *= self._worth(frame)
                peak = max(float(begun.max()), rest)
                if not LOW < peak < HIGH:
                    begun /= np.float32(peak)
                    past.divide(peak)
                    rest, left = rest / peak, left / peak
                    total += float(np.log(peak))
                past.put(frame, begun, self._late)
                self.alpha[frame] = begun
                self.scale[frame] = total
            else:
                past.put(frame, np.zeros(states.shape, np.float32), self._late)
            rest += left
            self.exits[frame] = np.log(left + TINY) + total
            self.rest[frame] = np.log(rest) + total

    def _onward(self, ended: Floats) -> Floats:
        """From beats that end, by their states, to those that follow: tempo and bar change as they may."""
        states = self.states
        moved = _blurred(ended, self._aside)
        begun: Floats = moved[states.before]
        lines = moved[states.last].sum(axis=0)
        turned = self._change * lines + (self._jump / len(lines)) * lines.sum()
        begun[states.first] += self._prior[:, None] * turned.astype(np.float32)
        return begun

    # -- backward ------------------------------------------------------------------------------

    def backward(self) -> Doubles:
        """Probability that a bar of each kind is being played, given all that is heard: shape (m, b)."""
        states, n = self.states, self.count
        future = Recent(states.shape, self._pad)  # of what is to come, time running backwards
        back = future.index(-states.lasting)
        playing = np.zeros((n + self._pad, len(states.bars)))
        rest, total = 1.0, 0.0  # of what comes after rest
        for step in range(n + self._pad):
            frame = n + self._pad - 1 - step
            after = future.taken(step, back)
            before = np.full(states.shape, np.float32(self._leave * rest))
            if frame < n:
                whole = np.exp(np.clip(self.scale[frame] + total - self.rest[-1], -700, 300))
                self._count(self.alpha[frame] * after, whole, playing[frame:])
                after *= self._worth(frame)
                before += self._backward_onward(after)
                rest += float(np.vdot(self._start, after))
            peak = max(rest, float(before.max()))
            if not LOW < peak < HIGH:
                before /= np.float32(peak)
                future.divide(peak)
                rest /= peak
                total += float(np.log(peak))
            future.put(step, before, self._late)
        edges = np.arange(0, n, SLOW)
        sums = np.add.reduceat(np.minimum(playing[:n], 1.0), edges, axis=0)
        return np.asarray(sums / np.diff([*edges, n])[:, None])

    def _backward_onward(self, begun: Floats) -> Floats:
        """The transpose of `_onward`: what each ending beat leads to."""
        states = self.states
        following = np.zeros_like(begun)
        following[states.before] = begun
        lines = (self._prior[:, None] * begun[states.first]).sum(axis=0)
        following[states.last] += (self._change * lines + self._jump / len(lines) * lines.sum()).astype(
            np.float32
        )
        return _blurred(following, self._aside)

    def _count(self, joint: Floats, factor: float, playing: Doubles) -> None:
        """Add what probably begins here to what is played from here on."""
        states = self.states
        by_state = joint.sum(axis=1).astype(float) * factor
        for state in np.flatnonzero(by_state > 1e-3):
            lasting = float(joint[state] @ self._lasting[state]) * factor / by_state[state]
            playing[: round(lasting), states.bar[state]] += by_state[state]

    # -- the way -------------------------------------------------------------------------------

    def way(self) -> tuple[Event, ...]:
        """The beats in order: back from the end, each time to the most probable of what could come before."""
        events: list[Event] = []
        found = self._last(len(self.exits))
        while found is not None:
            before = self._before(*found)
            events.append(Event(*found, before is None))
            found = before or self._last(found[0])
        return tuple(reversed(events))

    def _last(self, stop: int) -> tuple[int, int, int] | None:
        """The beat after which the rest before a frame came; None if that rest lasts from the start."""
        if not stop or self.exits[:stop].max() <= 0.0:
            return None
        began = int(self.exits[:stop].argmax()) - self.states.lasting
        rows = np.clip(began, 0, self.count - 1)
        alpha = np.take_along_axis(self.alpha.reshape(self.count, -1), rows.reshape(1, -1), 0)
        value = np.log(alpha.reshape(rows.shape).astype(float) + TINY) + self.scale[rows]
        value[(began < 0) | (began >= self.count)] = -np.inf
        state, tempo = (int(i) for i in np.unravel_index(value.argmax(), value.shape))
        return int(began[state, tempo]), state, tempo

    def _before(self, frame: int, state: int, tempo: int) -> tuple[int, int, int] | None:
        """The most probable beat before one; None for a rest."""
        states = self.states
        is_first = bool(state == states.first[states.bar[state]])
        candidates = states.last if is_first else states.before[[state]]
        onward = self._turned(candidates, state, tempo, is_first)
        best = float(np.log(self._start[state, tempo])) + (self.rest[frame - 1] if frame else 0.0)
        found = None
        for offset, share in zip(OFFSETS, (self._late, 1 - 2 * self._late, self._late), strict=True):
            at = frame - states.lasting[candidates] - offset
            rows = np.clip(at, 0, None)
            alpha = self.alpha[rows, candidates[:, None], np.arange(states.shape[1])].astype(float)
            value = np.log(alpha + TINY) + self.scale[rows] + np.log(share) + onward
            value[at < 0] = -np.inf
            index = np.unravel_index(int(value.argmax()), value.shape)
            if value[index] > best:
                best = value[index]
                found = (int(at[index]), int(candidates[index[0]]), int(index[1]))
        return found

    def _turned(self, candidates: Ints, state: int, tempo: int, is_first: bool) -> Doubles:
        """Logarithm of going on to a state from each of the candidates at each tempo, shape (candidates, p)."""
        states, model = self.states, self.model
        steps = np.abs(np.arange(states.shape[1]) - tempo)
        near = np.select(
            [steps == 0, steps == 1], [np.log(1 - 2 * self._aside), np.log(self._aside)], -np.inf
        )
        if not is_first:
            return np.repeat(near[None, :], len(candidates), axis=0)
        prior = float(np.log(self._prior[states.bar[state]]))
        jumped = prior - model.jump - float(np.log(states.shape[1]))
        turned = np.logaddexp(near + prior - model.change, jumped)
        same = (candidates == states.before[state])[:, None]
        return np.where(same, np.logaddexp(near, turned), turned)


def _blurred(values: Floats, aside: np.float32) -> Floats:
    """Along the tempos: what each gives to the one on either side."""
    out = (1 - 2 * aside) * values
    part = aside * values
    out[:, 1:] += part[:, :-1]
    out[:, :-1] += part[:, 1:]
    return out
