"""Who answers: the project's own chain, peers, and single providers, each as a request to the engine."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
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


def systems(
    catalogue: Catalogue,
    peers: Iterable[str],
    providers: Iterable[str],
    reason: Callable[[str], str | None] = lambda environment: None,
) -> tuple[list[System], list[str]]:
    """The own chain, then every peer, then every provider asked for; and sentences about plugins that cannot run.

    What cannot run is left out: it answered nothing, and a score of zero would say that it answered wrongly.

    Parameters
    ----------
    reason
        Why nothing can run in an environment; None where it can.

    Raises
    ------
    BadRequest
        A peer or provider is not known; the message lists those that are.
    """
    known = [provider.manifest for provider in catalogue.providers().values()]
    named = [catalogue.provider(name).manifest for name in dict.fromkeys(providers)]
    kin = {peer: _kin(peer, known) for peer in dict.fromkeys(peers)}
    absent = {plugin.name: why for plugin in known if (why := reason(plugin.environment))}
    asked = [plugin.name for plugins in (*kin.values(), named) for plugin in plugins]
    first = [order[0] for question in ANNOTATED if (order := catalogue.order(question))]
    told = [f"{name} is not scored: {absent[name]}" for name in dict.fromkeys(asked) if name in absent]
    told += [
        f"{name}, the chain's first choice, cannot run: {absent[name]}" for name in first if name in absent
    ]
    present = [plugin for plugin in known if plugin.name not in absent]
    columns = [
        _peer(peer, [plugin for plugin in plugins if plugin in present]) for peer, plugins in kin.items()
    ]
    columns += [_single(plugin) for plugin in named if plugin in present]
    return [_own(present), *(column for column in columns if column.only)], told


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


def _kin(name: str, known: list[PluginManifest]) -> list[PluginManifest]:
    """The plugins of a peer: those whose names end in it."""
    plugins = [plugin for plugin in known if plugin.name.split(".")[1] == name]
    if not plugins:
        raise BadRequest(f"there is no peer {name!r}: no plugin's name ends in it; try {', '.join(PEERS)}")
    return sorted(plugins, key=lambda plugin: plugin.name)


def _peer(name: str, plugins: list[PluginManifest]) -> System:
    only = tuple(plugin.name for plugin in plugins)
    needs = {plugin.name: plugin.needs for plugin in plugins}
    return System(name, tuple(map(_question, only)), only, needs, beats_first=True)


def _single(plugin: PluginManifest) -> System:
    answers = ("beats", "meter") if plugin.question == "meter" else (plugin.question,)
    return System(plugin.name, answers, (plugin.name,))


def _question(plugin: str) -> str:
    return plugin.split(".")[0]
