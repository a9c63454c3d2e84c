"""Who answers: the project's own chain, peers, and single providers, each as a request to the engine."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from core.catalogue import Catalogue
from core.errors import BadRequest
from core.regions import RegionSettings
from core.requests import Request
from evaluation.annotation import Truth
from hemiola.manifest import PluginManifest

OWN = "hemiola"
"""The project's default chain."""
PEERS = ("madmom", "essentia", "librosa")
ANNOTATED: dict[str, tuple[str, ...]] = {
    "beats": ("beats",),
    "meter": ("units", "downbeats", "meter", "segments", "modulations"),
    "tempo": ("tempo", "tempos"),
    "subdivision": ("polyrhythms",),
    "groove": ("swing", "swing_segments", "microtiming"),
    "onsets": ("onsets",),
    "hits": ("hits",),
    "key": ("key",),
    "sections": ("sections",),
    "regions": ("regions",),
    "content": ("content",),
    "notes": ("notes",),
    "chords": ("chords",),
}
"""By question: the fields of the truth that score it. Regions are the engine's own, and no plugin's."""


@dataclass(frozen=True, slots=True)
class System:
    """One column of the table.

    Attributes
    ----------
    name : "hemiola", a peer ("madmom") or a provider ("key.essentia")
    answers : the questions it answers
    only : the plugins that answer in place of the ranked ones; empty for the own chain
    needs : by plugin of `only`: the questions whose answers it is handed, so that a peer is fed by its own kin
    beats_first : take the tactus from its beat tracker even where it names a meter: a peer is judged by its best
    """

    name: str
    answers: tuple[str, ...]
    only: tuple[str, ...] = ()
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    beats_first: bool = False

    def request(self, questions: Collection[str], regions: RegionSettings) -> Request | None:
        """What to ask the engine for these questions; None where this system answers none of them."""
        if self.only:
            only = self._plugins_for(set(questions))
            return (
                Request(questions=tuple(map(_question, only)), only=only, regions=regions) if only else None
            )
        asked = set(questions) & set(self.answers)
        return Request(questions=tuple(sorted(asked - {"regions"})), regions=regions) if asked else None

    def _plugins_for(self, questions: set[str]) -> tuple[str, ...]:
        """Its plugins that answer these, and those that they are handed answers of."""
        if "beats" in questions:
            questions = questions | {"meter"}
        first = [plugin for plugin in self.only if _question(plugin) in questions]
        handed = {question for plugin in first for question in self.needs.get(plugin, ())}
        return tuple(plugin for plugin in self.only if _question(plugin) in questions | handed)


def systems(catalogue: Catalogue, peers: Iterable[str], providers: Iterable[str]) -> list[System]:
    """The own chain, then every peer, then every provider asked for.

    Raises
    ------
    BadRequest
        A peer or provider is not known; the message lists those that are.
    """
    known = [provider.manifest for provider in catalogue.providers().values()]
    named = [catalogue.provider(name).manifest for name in dict.fromkeys(providers)]
    return [_own(known), *(_peer(name, known) for name in dict.fromkeys(peers)), *map(_single, named)]


def questions_of(truth: Truth) -> set[str]:
    """The questions that a truth can score. The tactus may come from the meter or from the beats."""
    fields = {name for name in type(truth).model_fields if getattr(truth, name) is not None}
    asked = {question for question, needed in ANNOTATED.items() if fields & set(needed)}
    if truth.beats == () and truth.tempo is None:  # nothing to tap to: whoever names a tempo is wrong
        asked.add("tempo")
    return asked | ({"meter"} if "beats" in asked else set())


def _own(known: list[PluginManifest]) -> System:
    answered = {plugin.question for plugin in known if not plugin.peer}
    return System(OWN, tuple(sorted({*answered, "regions"})))


def _peer(name: str, known: list[PluginManifest]) -> System:
    kin = {plugin.name: plugin.needs for plugin in known if plugin.name.split(".")[1] == name}
    plugins = sorted(kin)
    if not plugins:
        raise BadRequest(f"there is no peer {name!r}: no plugin's name ends in it; try {', '.join(PEERS)}")
    return System(name, tuple(map(_question, plugins)), tuple(plugins), kin, beats_first=True)


def _single(plugin: PluginManifest) -> System:
    answers = ("beats", "meter") if plugin.question == "meter" else (plugin.question,)
    return System(plugin.name, answers, (plugin.name,))


def _question(plugin: str) -> str:
    return plugin.split(".")[0]
