"""What musicians play: families of drum grooves, bass lines, chords and tunes, each for the meters that it suits."""

from evaluation.scenes.patterns.families import FAMILIES, families

__all__ = ["FAMILIES", "families"]
