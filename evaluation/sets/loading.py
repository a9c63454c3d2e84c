"""From a path to the items in it: the folder's form is found, and its loader called."""

from __future__ import annotations

from pathlib import Path

from evaluation.items import Item
from evaluation.sets import annotated, own
from evaluation.sets.errors import GUIDE, NothingToScore, UnknownSet
from evaluation.sets.files import is_audio, is_file, is_folder
from evaluation.sets.forms import Form
from evaluation.sets.gathering import Loaded
from evaluation.sets.known import FORMS as KNOWN

FORMS: tuple[Form, ...] = (*KNOWN, own.FORM, annotated.FORM)
"""In the order in which they are tried. Layouts known by their marks come first: some have a JSON beside the audio
that is no truth file."""


def load(path: str | Path, kept: Path | None = None) -> Loaded:
    """Read a set: a folder of audio with what is known about it.

    A folder that holds several of the known layouts, one in each sub-folder, is read as all of them.

    Parameters
    ----------
    path
        The folder.
    kept
        Where audio is made for forms that have none (performances as MIDI); None: they are left out.

    Returns
    -------
    Loaded
        Items sorted by set and name, and notices about what was left out.

    Raises
    ------
    SetError
        `UnknownSet`: there is no such folder, or it has no form that is read; `BadAnnotation`: with every malformed
        annotation; `NothingToScore`: no audio with truth.
    """
    folder = Path(path).expanduser()
    if not is_folder(folder):
        found = "is a file" if is_file(folder) else "is not there"
        raise UnknownSet(
            f"{path}: {found}; a set is a folder of audio with annotations (see {GUIDE}), or `builtin`"
        )
    folder = folder.resolve()
    form = form_of(folder)
    if form is COLLECTION:
        return _load_collection(folder, kept)
    if form:
        return form.read(folder, kept)
    raise UnknownSet(f"{path}: has none of the forms of a set:", explain())


def form_of(folder: Path) -> Form | None:
    """The form of a folder, or None."""
    for form in KNOWN:
        if form.matches(folder):
            return form
    if _holds_sets(folder):
        return COLLECTION
    return next((form for form in (own.FORM, annotated.FORM) if form.matches(folder)), None)


def explain() -> str:
    """The forms that are read, a line each."""
    width = max(len(form.name) for form in FORMS)
    return "\n".join(f"  {form.name:<{width}}  {form.about}" for form in (own.FORM, annotated.FORM, *KNOWN))


def _sub_folders(folder: Path) -> list[Path]:
    return sorted(
        path for path in folder.iterdir() if path.is_dir() and not path.name.startswith((".", "__"))
    )


def _holds_sets(folder: Path) -> bool:
    """Whether sub-folders have known layouts, and the folder itself no audio."""
    if any(is_audio(path) for path in folder.iterdir()):
        return False
    return any(form.matches(sub) for sub in _sub_folders(folder) for form in KNOWN)


def _load_collection(folder: Path, kept: Path | None = None) -> Loaded:
    items: list[Item] = []
    notices: list[str] = []
    for sub in _sub_folders(folder):
        form = form_of(sub)
        if form is None:
            notices.append(f"{sub.name}: has none of the forms of a set and is left out")
            continue
        try:
            loaded = form.read(sub, kept)
        except NothingToScore as error:
            notices.append(str(error))
            continue
        items += loaded.items
        notices += (f"{sub.name}: {notice}" for notice in loaded.notices)
    if not items:
        raise NothingToScore(f"{folder.name}: none of its folders holds audio with truth", *notices)
    return Loaded(folder.name, tuple(items), tuple(notices))


COLLECTION = Form(
    "collection", "sub-folders that are sets themselves", lambda folder: False, _load_collection
)
