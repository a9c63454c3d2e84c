"""The worker's side, run in this process at the other end of a socket pair: what it says to what it is told."""

from __future__ import annotations

import json
import random
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hemiola._worker.confine import Policy
from hemiola._worker.serve import serve
from hemiola.frames import Channel, Frame
from hemiola.manifest import SourceManifest
from hemiola.results import Labels
from tests.misbehaving import sources
from tests.sandbox.house import HERE

RATE, SECONDS = 22050, 2.0
REGION = {"id": "r1", "level": "take", "parent_id": "f1", "start_s": 1.0, "end_s": 2.0, "file": "take.wav"}
FINER = {"id": "r2", "level": "region", "parent_id": "r1", "start_s": 1.2, "end_s": 1.4, "file": "take.wav"}
COARSER = {"id": "f1", "level": "file", "parent_id": None, "start_s": 0.0, "end_s": 9.0, "file": "take.wav"}
ASKING = '''
from pathlib import Path
import numpy as np
from hemiola import *
from hemiola.results import Beats, Labels, Onsets

class Seen(Result):
    question = "seen"
    levels = ("take",)
    text: str
    curve: Frames | None = None

class SeenConfig(Config):
    act: str = ""

class Seeing(Plugin[Seen, SeenConfig]):
    """Does what its settings say."""
    name = "seen.it"
    version = "1"
    needs = (Labels,)

    def load(self):
        self.loaded = True

    def analyze(self, region, context):
        found = {"region": region, "context": context, "np": np}
        exec(self.config.act, {**globals(), **found, "self": self}, found)
        return found.get("answer") or Seen(text=str(found.get("out")))

@hookimpl
def hemiola_plugins():
    return [Seeing]
'''

DRAWN = str((random.Random(7).random(), float(np.random.RandomState(7).rand())))
"""What a generator seeded with 7 gives first."""

Talk = Callable[..., Frame]


@pytest.fixture
def served() -> Iterator[Channel]:
    """The host's end of a conversation with a worker that is a thread here."""
    ours, theirs = socket.socketpair()
    host, worker = Channel(ours), Channel(theirs, accepts_fds=True)
    thread = threading.Thread(target=serve, args=(worker,), kwargs={"keep": True}, daemon=True)
    thread.start()
    yield host
    host.close()
    thread.join(5.0)
    assert not thread.is_alive()
    worker.close()


def say(host: Channel, kind: str, body: dict[str, Any], *, fds: tuple[int, ...] = (), **parts: Any) -> Frame:
    """Say something, and what is answered to it."""
    host.send(kind, body, parts, fds)
    answer = host.receive()
    assert answer is not None
    return answer


def written(folder: Path, text: str, name: str = "seen.py") -> dict[str, Any]:
    """A source as the host tells of it."""
    (folder / name).write_text(text)
    return {"path": str(folder / name), "module": None}


@pytest.fixture
def call(served: Channel, tmp_path: Path) -> Callable[..., Frame]:
    """Has a plugin do something in a call about one second of samples, with answers handed along."""
    samples = np.linspace(0, 1, round(RATE * SECONDS), dtype=np.float32)
    labels = Labels.model_validate(
        {"labels": [{"start_s": 0.0, "end_s": 9.0, "label": "all", "group": "event"}]}
    ).to_json()

    def ask(act: str) -> Frame:
        opening = {
            "source": written(tmp_path, ASKING),
            "plugin": "seen.it",
            "config": {"act": act},
            "models": {},
        }
        ready = say(served, "analyze", opening)
        assert ready.kind == "ready", ready
        with tempfile.TemporaryFile() as view:
            view.write(samples.tobytes())
            view.flush()
            inputs = [
                {"question": "labels", "key": "k1", "region": COARSER, "finer": False},
                {"question": "labels", "key": "k2", "region": FINER, "finer": True},
            ]
            told = {"rate": RATE, "source": "mix", "first": RATE, "stop": 2 * RATE}
            body = {"region": REGION, "view": told, "inputs": inputs, "seed": 7, "scratch": str(tmp_path)}
            body["corrections"] = {}
            return say(served, "call", body, fds=(view.fileno(),), k1=labels, k2=labels)

    return ask


def text_of(answer: Frame) -> str:
    assert answer.body["status"] == "ok", answer.body
    told: str = json.loads(answer.parts["result"])["text"]
    return told


def test_a_source_is_described(served: Channel) -> None:
    answer = say(served, "describe", {"source": {"path": str(HERE / "innocent.py"), "module": None}})
    manifest = SourceManifest.model_validate_json(bytes(answer.parts["manifest"]))
    assert answer.kind == "described" and manifest.problems == ()
    assert {plugin.name for plugin in manifest.plugins} == {"labels.tiny", "notes.tiny", "chords.tiny"}
    (chords,) = [plugin for plugin in manifest.plugins if plugin.question == "chords"]
    assert chords.needs == ("labels",) and chords.known_result and chords.memory == 256 << 20


QUIET = (
    "raises",
    "raises_oddly",
    "exits",
    "is_no_python",
    "is_binary",
    "misspells",
    "has_no_hook",
    "raises_in_hook",
)
LOUD = ("names_no_plugin", "has_no_version", "imitates_beats", "tells_too_much")


@pytest.mark.parametrize("name", QUIET + LOUD)
def test_what_is_wrong_with_a_source_is_a_problem_in_its_manifest(
    served: Channel, tmp_path: Path, name: str
) -> None:
    text, says = sources.BROKEN[name]
    answer = say(served, "describe", {"source": written(tmp_path, text, f"{name}.py")})
    manifest = SourceManifest.model_validate_json(bytes(answer.parts["manifest"]))
    assert manifest.plugins == () and any(says in problem for problem in manifest.problems)


def test_a_folder_needs_an_init_and_an_installed_module_is_imported_by_name(
    served: Channel, tmp_path: Path
) -> None:
    answer = say(served, "describe", {"source": {"path": str(tmp_path), "module": None}})
    assert b"has no __init__.py" in bytes(answer.parts["manifest"])
    answer = say(served, "describe", {"source": {"path": None, "module": "hemiola._worker.tone"}})
    assert b'"features.tone"' in bytes(answer.parts["manifest"])


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (
            "out = (region.level, region.start_s, region.end_s, region.duration_s, region.file, region.rate)",
            "('take', 1.0, 2.0, 1.0, 'take.wav', 22050)",
        ),
        (
            "out = region.samples.shape, region.samples.dtype.name, region.samples.flags.writeable",
            "((22050,), 'float32', False)",
        ),
        ("out = round(float(region.samples[0]), 3), round(float(region.samples[-1]), 3)", "(0.5, 1.0)"),
        ("out = context.need(Labels).labels[0].start_s, context.need(Labels).labels[0].end_s", "(1.0, 2.0)"),
        (
            "out = [(r.id, r.level, l.labels[0].label) for r, l in context.each(Labels)]",
            "[('r2', 'region', 'all')]",
        ),
        ("out = context.get(Onsets), context.each(Beats)", "(None, [])"),
        ("out = context.scratch.is_dir(), self.loaded", "(True, True)"),
        ("import random; out = random.random(), float(np.random.rand())", DRAWN),
    ],
)
def test_a_plugin_sees_what_it_is_promised(call: Talk, act: str, told: str) -> None:
    assert text_of(call(act)) == told


def test_a_line_that_is_logged_goes_to_the_error_output(
    call: Talk, capfd: pytest.CaptureFixture[str]
) -> None:
    assert text_of(call("out = context.log('a line')")) == "None"
    assert capfd.readouterr().err == "a line\n"


def test_progress_is_told_in_steps_worth_a_frame(call: Talk, served: Channel) -> None:
    frames = [call("for n in range(10001): context.progress(n / 10000)")]
    while frames[-1].kind == "progress":
        frames.append(served.receive() or Frame("end"))
    fractions = [frame.body["fraction"] for frame in frames[:-1]]
    assert fractions[0] == 0.0 and fractions[-1] == 1.0 and len(fractions) < 210
    assert fractions == sorted(fractions)


def test_arrays_travel_beside_the_result(call: Talk) -> None:
    answer = call(
        "answer = Seen(text='', curve=Frames(rate_hz=2.0, start_s=0.0, values=np.arange(6).reshape(3, 2)))"
    )
    curve = answer.arrays()["array:curve"]
    assert curve.shape == (3, 2) and curve.dtype == np.float32
    assert json.loads(answer.parts["result"])["curve"]["shape"] == [3, 2]


@pytest.mark.parametrize(
    ("act", "status", "code", "says"),
    [
        ("raise Skip('too short')", "skipped", "skip", "too short"),
        ("raise Skip", "skipped", "skip", "no reason was given"),
        ("raise Unavailable('not here')", "unavailable", "unavailable", "not here"),
        ("context.need(Beats)", "unavailable", "unavailable", "no answer about beats"),
        ("context.model('net')", "unavailable", "unavailable", "the model 'net' is not here"),
        ("raise MemoryError", "out_of_memory", "memory_error", "more memory"),
        ("Onsets(times=(2, 1), strengths=(1, 1))", "invalid", "schema", "times must ascend"),
        ("answer = 7", "invalid", "type", "returned int, not Seen"),
        ("raise SystemExit(4)", "crashed", "exit", "sys.exit(4)"),
        ("raise KeyError('x')", "failed", "exception", "KeyError: 'x'"),
        ("raise ValueError('\\udcff')", "failed", "exception", "ValueError: ?"),
        ("answer = Seen(text='x' * (70 << 20))", "invalid", "too_large", "too large"),
    ],
)
def test_what_a_plugin_raises_is_said_in_a_word_and_a_sentence(
    call: Talk, act: str, status: str, code: str, says: str
) -> None:
    answer = call(act)
    assert answer.kind == "said"
    assert (answer.body["status"], answer.body["code"]) == (status, code)
    assert says in answer.body["reason"]
    json.dumps(answer.body, ensure_ascii=False).encode()


def test_a_plugin_that_is_gone_or_set_wrongly_is_told_at_loading(served: Channel, tmp_path: Path) -> None:
    source = written(tmp_path, ASKING)
    answer = say(served, "analyze", {"source": source, "plugin": "seen.gone", "config": {}, "models": {}})
    assert answer.body["status"] == "failed" and "no longer in its source" in answer.body["reason"]
    answer = say(served, "analyze", {"source": source, "plugin": "seen.it", "config": {"x": 1}, "models": {}})
    assert answer.body["status"] == "invalid" and "x: Extra inputs" in answer.body["reason"]


def test_an_unknown_task_is_loaded_by_its_place_and_a_broken_one_says_so(
    served: Channel, tmp_path: Path
) -> None:
    task = written(tmp_path, "def run(task):\n    task.send('done', {'was': task.header['x']})\n", "fine.py")
    assert say(served, "export", {"source": task, "x": 7}).body == {"was": 7}
    broken = written(tmp_path, "def run(task):\n    raise OSError('no disk')\n", "broken.py")
    answer = say(served, "export", {"source": broken})
    assert answer.kind == "broken" and answer.body["reason"] == "OSError: no disk"


def test_a_task_whose_host_hangs_up_ends(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    channel = Channel(theirs, accepts_fds=True)
    waiting = written(tmp_path, "def run(task):\n    task.receive()\n", "waiting.py")
    Channel(ours).send("export", {"source": waiting})
    ours.close()
    assert serve(channel) == 0
    channel.close()


def test_a_policy_survives_its_journey() -> None:
    policy = Policy(readable=("/a",), writable=("/b",), address_space=1 << 30, file_size=7)
    assert Policy.from_json(json.loads(json.dumps(policy.to_json()))) == policy
