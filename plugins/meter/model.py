"""What the bar pointer believes before it hears anything: how much evidence weighs, what is rare and how dear."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Model:
    """Weights of the evidence and costs of what is rare, in nats.

    Attributes
    ----------
    weights : of the log-odds of each head
    meter, tempo : of the log-shares, a second
    offset : cost of a beat a frame early or late
    drift : cost of a tempo a step away
    change : of another bar at a bar line
    jump : of any other tempo there
    enter, leave : of rest
    on_one : how often music that begins does so on a downbeat
    certain : whether the bars and tempos that there are hold whatever is heard: shares are taken among them
    """

    weights: dict[str, float] = field(
        default_factory=lambda: {"unit": 0.4, "tactus": 0.6, "downbeat": 1.0, "group": 0.4}
    )
    meter: float = 0.5
    tempo: float = 0.3
    offset: float = 0.5
    drift: float = 1.2
    change: float = 8.0
    jump: float = 10.0
    enter: float = 8.0
    leave: float = 6.0
    on_one: float = 0.97
    certain: bool = False
