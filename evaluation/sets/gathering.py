"""What a loader gathers: items, notices about what could not be used, problems that stop the set."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evaluation.annotation import Truth
from evaluation.items import Item
from evaluation.sets.errors import GUIDE, BadAnnotation, NothingToScore
from evaluation.sets.files import bare, set_name
from evaluation.sets.notation import is_harte


@dataclass(frozen=True, slots=True)
class Loaded:
    """A set that was read.

    Attributes
    ----------
    name : the folder's name, or that of the one above where it is only "audio" or the like
    items : sorted by set and name; names are unique within a set, every audio file exists
    notices : what could not be used and why, a sentence each
    """

    name: str
    items: tuple[Item, ...]
    notices: tuple[str, ...] = ()


class Gathered:
    """Items, notices and problems of one folder while it is read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = set_name(folder)
        self._items: dict[str, Item] = {}
        self._notices: dict[str, list[str]] = {}
        self._problems: list[str] = []

    def add(self, audio: Path, fields: Mapping[str, Any], *, file: Path | None = None) -> None:
        """Add an audio file with the fields of its truth, which came from `file`."""
        origin = file or audio
        shown = origin.relative_to(self.folder).as_posix() if self.folder in origin.parents else origin.name
        name = bare(audio, self.folder)
        if not audio.is_file():
            self._problems.append(f"{shown}: names {audio.name}, which is not there")
        elif name in self._items:
            other = self._items[name].audio.name
            self._problems.append(
                f"{shown}: {other} and {audio.name} share a name; keep one, or rename the other"
            )
        else:
            try:
                truth = Truth.model_validate(dict(fields))
            except ValidationError as error:
                self._problems += validation_problems(error, shown)
            else:
                wrong = contradictions(truth)
                self._problems += (f"{shown}: {problem}" for problem in wrong)
                if not wrong:
                    self._items[name] = Item(self.name, name, audio, truth)

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Keep the problems of one file and go on with the next."""
        try:
            yield
        except BadAnnotation as error:
            self._problems += error.problems

    def problem(self, sentence: str) -> None:
        """Something that stops the set."""
        self._problems.append(sentence)

    def notice(self, sentence: str, about: Iterable[str] = ()) -> None:
        """Something that was left out; the same sentence about several files becomes one notice."""
        self._notices.setdefault(sentence, []).extend(about)

    def loaded(self) -> Loaded:
        """What was gathered.

        Raises
        ------
        BadAnnotation
            With every problem.
        NothingToScore
            No item is left; the notices say why.
        """
        if self._problems:
            raise BadAnnotation(*self._problems, f"{self.name}: the forms of a set are told in {GUIDE}")
        notices = tuple(_notice(sentence, names) for sentence, names in self._notices.items())
        if not self._items:
            raise NothingToScore(f"{self.name}: holds no audio with truth; see {GUIDE}", *notices)
        ordered = sorted(self._items.values(), key=lambda item: item.name)
        return Loaded(self.name, tuple(ordered), notices)


def contradictions(truth: Truth) -> list[str]:
    """What no field has wrong by itself: labels that are no chords, a meter that none of its segments is in."""
    found = []
    unread = {chord.label for chord in truth.chords or () if not is_harte(chord.label)}
    if unread:
        found.append(f"chords: expected Harte's syntax, got {', '.join(map(repr, sorted(unread)[:3]))}")
    meters = dict.fromkeys(stretch.meter for stretch in truth.segments or ())
    if truth.meter is not None and meters and truth.meter not in meters:
        found.append(f"meter: {truth.meter}, but its segments are in {', '.join(meters)}")
    return found


def _notice(sentence: str, names: list[str]) -> str:
    if not names:
        return sentence
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"{sentence}: {shown}"


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Turn a missing field or a value of another type, met while a file's JSON is mapped, into a problem of it."""
    try:
        yield
    except KeyError as error:
        raise BadAnnotation(f"{path.name}: {error.args[0]}: is missing") from error
    except (TypeError, ValueError, AttributeError, IndexError) as error:
        raise BadAnnotation(f"{path.name}: is not as expected: {error}") from error


def validation_problems(error: ValidationError, file: str) -> list[str]:
    """Every problem of a truth file as "FILE: FIELD: what was expected, got ...".

    Pydantic's own words are kept where they say what was expected.
    """
    problems = []
    for detail in error.errors(include_url=False):
        field = ".".join(str(part) for part in detail["loc"]) or "the whole file"
        if detail["type"] == "missing":
            problems.append(f"{file}: {field}: is missing; every truth file has it")
        elif detail["type"] == "extra_forbidden":
            known = ", ".join(Truth.model_fields) if len(detail["loc"]) == 1 else "those of the schema"
            problems.append(f"{file}: {field}: is no field of a truth file; the fields are {known}")
        else:
            problems.append(f"{file}: {field}: {_expected(detail['msg'])}, got {_short(detail['input'])}")
    return problems


def _expected(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message.replace("Input should be", "expected").replace(
        "String should", "expected text that should"
    )


def _short(value: object) -> str:
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "..."
