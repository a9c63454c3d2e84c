"""Whatever a plugin does, the rest of its chain is answered, the ledger says what it did, and nothing is left of it."""

from __future__ import annotations

import errno
import json
import os
import platform
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridges.workers import CONFINED, best_mode
from core.engine import Engine
from hemiola._worker import seccomp
from hemiola.testing import load
from tests.sandbox import house

HARMS = load(house.MISBEHAVING)
OTHERS_FILE, OTHERS_SOCKET = "diary.txt", "listening"
NEEDS_PROCESS = ("kill_host", "send_by_owner", "send_by_ioctl", "limit_host", "slow_host", "read_others")
NEEDS_SOCKET = ("connect_unix", "send_datagram", "reconnect_pair")
X86_ONLY = ("x32_call", "old_gate")

pytestmark = pytest.mark.skipif(best_mode() != CONFINED, reason="this kernel cannot confine")


class Street:
    """A running engine with every misbehaving plugin dropped in, and what the innocents answer without them."""

    def __init__(self, folder: Path) -> None:
        self.settings = house.settings(folder)
        house.drop_in(self.settings, folders=[house.MISBEHAVING])
        self.file = house.clicks(folder / "take.wav")
        self.diary = folder / OTHERS_FILE
        self.diary.write_text("dear diary")
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.listener.bind(str(folder / OTHERS_SOCKET))
        self.listener.setblocking(False)
        self.engine = Engine(self.settings)
        self.alone = house.answers(house.analyze(self.engine, self.file, *house.INNOCENT))
        self.traces = house.Traces(self.settings)

    def target(self, name: str) -> str:
        if name == "syscall":
            return ""
        if name in NEEDS_PROCESS:
            return str(os.getpid())
        if name in NEEDS_SOCKET:
            return str(self.diary.with_name(OTHERS_SOCKET))
        return str(self.diary)

    def run(self, name: str, target: str | None = None) -> house.Document:
        """A job that holds the innocents and one plugin that does harm, nothing reused."""
        config = {f"harm_{name}.it": {"target": self.target(name) if target is None else target}}
        asked = (*house.INNOCENT, f"harm_{name}")
        return house.analyze(self.engine, self.file, *asked, force=True, config=config)


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    made = Street(tmp_path_factory.mktemp("street"))
    yield made
    made.engine.close()
    made.listener.close()


def _names() -> list[str]:
    foreign = () if platform.machine() == "x86_64" else X86_ONLY
    return sorted(name.removeprefix("harm_").removesuffix(".it") for name in HARMS if name not in foreign)


@pytest.mark.parametrize("name", _names())
def test_one_plugin_does_harm_and_the_others_answer_as_without_it(street: Street, name: str) -> None:
    expected = HARMS[f"harm_{name}.it"].comes_to  # type: ignore[attr-defined]
    document = street.run(name)
    row = house.outcome(document, f"harm_{name}")
    assert (row["status"], row["code"], row["signal"]) == (expected.status, expected.code, expected.signal), (
        row
    )
    assert expected.says in (row["reason"] or ""), row["reason"]
    harmless = expected.status in ("ok", "skipped")
    assert document["verdict"] == ("complete" if harmless else "partial")
    assert house.answers(document) == street.alone
    street.traces.assert_none_new()
    assert street.diary.read_text() == "dear diary"
    after = house.analyze(street.engine, street.file, "labels", force=True)
    assert after["verdict"] == "complete"


def test_nothing_reached_the_listening_socket(street: Street) -> None:
    with pytest.raises(BlockingIOError):
        street.listener.recv(1)


def test_every_refused_system_call_is_refused_when_a_plugin_makes_it(street: Street) -> None:
    names = list(seccomp.ARCHITECTURES[platform.machine()].numbers)
    document = street.run("syscall", " ".join(names))
    (take,) = [region for region in document["regions"] if region["level"] == "take"]
    told: dict[str, int] = json.loads(take["results"]["harm_syscall"]["text"])
    expected = dict.fromkeys(names, errno.EPERM) | {"clone3": errno.ENOSYS, "ioctl": errno.ENOTTY}
    assert told == expected


def test_afterwards_everything_is_complete(street: Street) -> None:
    document = house.analyze(street.engine, street.file, *house.INNOCENT, force=True)
    assert document["verdict"] == "complete" and house.answers(document) == street.alone
