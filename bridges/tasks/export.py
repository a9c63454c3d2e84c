"""Writes one document from a file's takes, with the libraries of its environment."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from hemiola._worker.loading import load_source
from hemiola.results import KNOWN, Result

if TYPE_CHECKING:
    from hemiola._worker.tasks import Task

QUESTIONS = ("hits", "meter", "tempo", "groove")


def run(task: Task) -> None:
    """Serve one export task.

    The opening frame `{"task": "export", "exports"}` names the folder of the exports' code. Received:
    `{"format", "title", "mapping", "takes": [{"number", "start_s", "end_s"}]}` with each take's answers as parts
    named "index question". Sent: `exported` with `remarks` and the part `document`; or `refused` with `reason`.
    """
    exports = load_source({"path": task.header["exports"]}).__name__
    document = importlib.import_module(f"{exports}.document")
    errors = importlib.import_module(f"{exports}.errors")
    takes = importlib.import_module(f"{exports}.takes")
    told, parts = _received(task)
    try:
        wanted = [takes.Take(**take, **_answers(parts, index)) for index, take in enumerate(told["takes"])]
        made = document.export(told["format"], wanted, told["title"], told["mapping"])
    except errors.NothingToWrite as reason:
        task.send("refused", {"reason": str(reason)})
        return
    task.send("exported", {"remarks": list(made.remarks)}, {"document": made.content})


def _received(task: Task) -> tuple[dict[str, Any], dict[str, Any]]:
    frame = task.channel.receive()
    if frame is None:
        raise EOFError("the host closed the conversation")
    return frame.body, dict(frame.parts)


def _answers(parts: dict[str, Any], index: int) -> dict[str, Result | None]:
    found = {question: parts.get(f"{index} {question}") for question in QUESTIONS}
    return {
        question: None if text is None else KNOWN[question].from_json(bytes(text))
        for question, text in found.items()
    }
