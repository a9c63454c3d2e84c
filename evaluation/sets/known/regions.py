"""The same sounds over several noise floors, with where each begins and ends."""

from __future__ import annotations

from pathlib import Path

from evaluation.sets.files import is_audio, object_of
from evaluation.sets.forms import Form
from evaluation.sets.gathering import Gathered, Loaded, naming


def matches(folder: Path) -> bool:
    """Whether regions.json is there."""
    return (folder / "regions.json").is_file()


def load(folder: Path) -> Loaded:
    """Every audio file of the folder, with the regions that all share and what sounds in them."""
    gathered = Gathered(folder)
    path = folder / "regions.json"
    with gathered.trying():
        fields = object_of(path, needs=("regions",))
        with naming(path):
            regions = [
                {"start_s": region["start"], "end_s": region["end"], "label": region["kind"]}
                for region in fields["regions"]
            ]
        truth = {
            "kind": "regions",
            "origin": "generated",
            "source": "recordings arranged over a noise floor",
            "licence": "CC BY-SA 4.0",
            "song": "the same sounds",
            "regions": regions,
            "content": regions,
        }
        for audio in sorted(folder.iterdir()):
            if is_audio(audio):
                gathered.add(audio, truth, file=path)
    return gathered.loaded()


FORM = Form("regions", "regions.json and the audio files it is true of", matches, load)
