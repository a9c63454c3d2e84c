"""Which systems have learned from which public sets, as far as their authors say so.

A score on material that a system was trained on shows how well it remembers, so tables flag it. What an author states
is listed with the source, and what is inferred says so; a system that is absent is not thereby innocent.

- madmom's networks for beats (`RNNBeatProcessor`), which also carry its tempo: Ballroom, Hainsworth and SMC, by their
  author in github.com/CPJKU/madmom/issues/461 of S. Böck, F. Krebs, G. Widmer: "A multi-model approach to beat tracking
  considering heterogeneous music styles", ISMIR 2014. The weights shipped are of 2015; that they learned from the same
  sets is inferred.
- madmom's network for onsets (`CNNOnsetProcessor`): the onset set of S. Böck, in eight folds, by its author in
  github.com/CPJKU/onset_db/issues/2.
- madmom's network for keys (`CNNKeyRecognitionProcessor`): F. Korzeniowski, G. Widmer: "Genre-agnostic key
  classification with convolutional neural networks", ISMIR 2018, by github.com/CPJKU/madmom_models/pull/13; the paper's
  code (github.com/fdlm/keyest) trains on GiantSteps MTG Key, McGill Billboard and a third set of classical music, and
  tests on GiantSteps Key.
- Essentia's key profiles `edma`, `edmm` come from a corpus of electronic dance music, `braw` and `bgate` (the default)
  from a part of a Beatport set (essentia.upf.edu/reference/std_Key.html). The GiantSteps sets are Beatport's previews,
  so an overlap is possible and is flagged as such.
- madmom's network for downbeats (`RNNDownBeatProcessor`), which its meter is read from: S. Böck, F. Krebs, G. Widmer:
  "Joint beat and downbeat tracking with recurrent neural networks", ISMIR 2016. The list of its sets was not at hand
  when this was written, so common sets with downbeats of that time are flagged as possible, which is no author's word.
- Beat This!: F. Foscarin, J. Schlüter, G. Widmer: "Beat This! Accurate beat tracking without DBN postprocessing", ISMIR
  2024; the published checkpoints train on every set of github.com/CPJKU/beat_this_annotations (1.0) but GTZAN. Groove
  MIDI is one, and most performances of rendered-drums are its.
- AnNOTEator: its published notebooks (cb-42/AnNOTEator) train it on all of Expanded Groove MIDI, which is the
  performances of Groove MIDI played by many kits; most of rendered-drums are its.
- librosa has no trained models for these questions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Learned:
    """A model of a system that learned from sets, and who says so."""

    system: str
    questions: frozenset[str]
    sets: frozenset[str]
    """Names as `normalised` gives them."""
    sentence: str


_MADMOM_BEATS = "madmom's beat networks were trained on this set (by their author, CPJKU/madmom issue 461)"
_MADMOM_DOWNBEATS = (
    "madmom's downbeat network may have been trained on this set (Böck et al., ISMIR 2016; not verified)"
)
_MADMOM_ONSETS = "madmom's onset network was trained on this set (its author, CPJKU/onset_db issue 2)"
_MADMOM_KEY = (
    "madmom's key network was trained on this set (Korzeniowski and Widmer, ISMIR 2018; fdlm/keyest)"
)
_ESSENTIA_KEY = (
    "Essentia's default key profiles were made from Beatport music, as this set is: they may overlap"
)
_BEAT_THIS = "Beat This! was trained on this set (Foscarin et al., ISMIR 2024; CPJKU/beat_this_annotations)"
_BEAT_THIS_DRUMS = "Beat This! was trained on Groove MIDI, which most of these performances are from"
_ANNOTEATOR = "AnNOTEator was trained on this set's performances (Expanded Groove MIDI; cb-42/AnNOTEator)"
_ANNOTEATOR_DRUMS = (
    "AnNOTEator was trained on Expanded Groove MIDI, whose performances most of these are, by other kits"
)


def _learned(system: str, questions: str, sets: str, sentence: str) -> Learned:
    return Learned(system, frozenset(questions.split()), frozenset(sets.split()), sentence)


LEARNED: tuple[Learned, ...] = (
    _learned("madmom", "beats tempo", "ballroom hainsworth smc", _MADMOM_BEATS),
    _learned("madmom", "meter", "ballroom beatles hainsworth hjdb rwc", _MADMOM_DOWNBEATS),
    _learned(
        "beat_this",
        "beats meter",
        "asap ballroom beatles candombe filosax groovemidi guitarset hainsworth harmonix hjdb jaah rwc simac smc"
        " tapcorrect",
        _BEAT_THIS,
    ),
    _learned("beat_this", "beats meter", "rendereddrums", _BEAT_THIS_DRUMS),
    _learned("annoteator", "hits", "groovemidi egmd expandedgroovemidi", _ANNOTEATOR),
    _learned("annoteator", "hits", "rendereddrums", _ANNOTEATOR_DRUMS),
    _learned("madmom", "onsets", "onsetdb boeck", _MADMOM_ONSETS),
    _learned("madmom", "key", "giantstepsmtgkey billboard", _MADMOM_KEY),
    _learned("essentia", "key", "giantstepskey giantstepsmtgkey", _ESSENTIA_KEY),
    _learned("ensemble", "key", "giantstepsmtgkey billboard", _MADMOM_KEY),
    _learned("ensemble", "key", "giantstepskey", _ESSENTIA_KEY),
)

_ADDED = frozenset({"dataset", "data", "annotations", "audio", "main", "master", "mcgill", "mirex", "mirum"})
"""Words that archives and downloads add to a set's name."""

_ALIASES = {
    "giantsteps": "giantstepskey",
    "giantstepskeys": "giantstepskey",
    "giantstepsmtg": "giantstepsmtgkey",
    "giantstepsmtgkeys": "giantstepsmtgkey",
    "bock": "boeck",
    "böck": "boeck",
    "rwcpopular": "rwc",
    "rwcpop": "rwc",
}


def normalised(set_name: str) -> str:
    """A set's name as it is looked up: "GiantSteps-MTG-Key-dataset" and "giantsteps_mtg_key" are one.

    Case and separators do not count, nor what archives add ("dataset", "annotations", "master").
    """
    words = [word for word in re.split(r"[\W_]+", set_name.lower()) if word]
    joined = "".join(word for word in words if word not in _ADDED) or "".join(words)
    for added in ("dataset", "data", "annotations"):
        joined = joined.removesuffix(added) or joined
    return _ALIASES.get(joined, joined)


def trained_on(system: str, set_name: str, question: str) -> str | None:
    """Why a system's score on a set is flagged.

    Parameters
    ----------
    system
        A peer ("madmom") or a provider ("key.madmom"), which counts as the system it ends in.
    set_name
        The set's name; see `normalised`.
    question
        "beats", "tempo", "key", "onsets" ...

    Returns
    -------
    str or None
        A sentence, or None where nobody says so.
    """
    library = system.lower().rpartition(".")[2]
    name = normalised(set_name)
    for learned in LEARNED:
        if learned.system == library and question in learned.questions and name in learned.sets:
            return learned.sentence
    return None
