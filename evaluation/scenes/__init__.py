"""Seeded musical scenes with exact truth: written, played, rendered; for measuring and for training.

`composing.compose` writes a Scene in a meter (or `scenarios` one with a particular difficulty), `rendering.render`
turns it into samples and truth; `performances` renders what people played. Everything but `files` is a pure function
of its arguments and a numpy Generator, and needs numpy, the truth's schema and the conventions alone (`performances`
also mido).
"""
