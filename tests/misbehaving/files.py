"""Plugins that reach for files: the user's, the program's, the audio they were handed."""

# ruff: noqa: SIM115 - files are opened only to see that it is refused

from __future__ import annotations

import ctypes
import fcntl
import os
import struct
from typing import Any

from .base import DENIED, REFUSED, Outcome, harm, told

FS_IOC_SETFLAGS, FS_IMMUTABLE = 0x40086602, 0x10


def _held_or_raise(attempts: list[Any]) -> None:
    """Try each; raise the last refusal, or say which one went through."""
    refusal: OSError | None = None
    for number, attempt in enumerate(attempts):
        try:
            attempt()
        except OSError as error:
            refusal = error
        else:
            raise AssertionError(f"attempt {number} was not refused")
    assert refusal is not None
    raise refusal


@harm(DENIED)
def read_passwd(self: Any, region: Any, context: Any) -> Any:
    """Reads the machine's list of users."""
    return told(self, open("/etc/passwd").read())


@harm(DENIED)
def read_file(self: Any, region: Any, context: Any) -> Any:
    """Reads a file of the user's, by every way that opens one."""
    target = self.config.target
    _held_or_raise(
        [
            lambda: open(target).read(),
            lambda: os.listdir(os.path.dirname(target)),
            lambda: open(f"/proc/self/root{target}").read(),
            lambda: open(f"/proc/self/fd/{os.open(target, os.O_PATH)}").read(),
            lambda: open(os.path.basename(target), opener=lambda p, f: _beside(target, p, f)).read(),
        ]
    )


def _beside(target: str, name: str, flags: int) -> int:
    """Open a name beside another file, by a descriptor of the folder that opens nothing by itself."""
    return os.open(name, flags, dir_fd=os.open(os.path.dirname(target), os.O_PATH))


@harm(DENIED)
def write_files(self: Any, region: Any, context: Any) -> Any:
    """Changes a file of the user's and makes new ones, by every call that does."""
    target, new = self.config.target, self.config.target + "-hemiola-harm"
    folder = os.path.dirname(target)
    _held_or_raise(
        [
            lambda: open(target, "w"),
            lambda: open(target, "a"),
            lambda: os.truncate(target, 0),
            lambda: os.unlink(target),
            lambda: os.rename(target, new),
            lambda: os.replace(target, "/tmp/hemiola-harm"),
            lambda: os.link(target, new),
            lambda: os.symlink(target, new),
            lambda: os.mkdir(new),
            lambda: os.rmdir(folder),
            lambda: os.mkfifo(new),
            lambda: open(new, "x"),
            lambda: open("/tmp/hemiola-harm", "x"),
            lambda: open("/dev/shm/hemiola-harm", "x"),
            lambda: open("/var/tmp/hemiola-harm", "x"),
            lambda: open(os.path.join(os.environ["HOME"], "hemiola-harm"), "x"),
            lambda: os.open("/tmp", os.O_TMPFILE | os.O_RDWR),
        ]
    )


@harm(REFUSED)
def change_attributes(self: Any, region: Any, context: Any) -> Any:
    """Changes a file's mode, owner, times and attributes, by name and by descriptor."""
    target, fd = self.config.target, _view_descriptor()
    _held_or_raise(
        [
            lambda: os.chmod(target, 0),
            lambda: os.chown(target, 1, 1),
            lambda: os.utime(target, (0, 0)),
            lambda: os.setxattr(target, "user.harm", b"1"),
            lambda: os.fchmod(fd, 0o666),
            lambda: os.fchown(fd, 1, 1),
            lambda: os.utime(fd, (0, 0)),
            lambda: os.setxattr(fd, "user.harm", b"1"),
            lambda: os.ftruncate(fd, 0),
            lambda: os.posix_fallocate(fd, 0, 1 << 30),
            lambda: os.write(fd, b"x"),
            lambda: fcntl.ioctl(fd, FS_IOC_SETFLAGS, struct.pack("l", FS_IMMUTABLE)),
            lambda: fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK),
            lambda: os.unlink(f"/proc/self/fd/{fd}"),
            lambda: os.chmod(f"/proc/self/fd/{fd}", 0o666),
        ]
    )


def _view_descriptor() -> int:
    """The descriptor of the audio it was handed."""
    for fd in range(3, 64):
        try:
            if os.readlink(f"/proc/self/fd/{fd}").endswith(".f32"):
                return fd
        except OSError:
            continue
    raise AssertionError("it was handed no audio")


@harm(DENIED)
def reopen_audio(self: Any, region: Any, context: Any) -> Any:
    """Opens the audio it was handed once more, for writing."""
    path = f"/proc/self/fd/{_view_descriptor()}"
    _held_or_raise(
        [lambda: os.open(path, os.O_WRONLY), lambda: os.open(path, os.O_RDWR), lambda: os.truncate(path, 0)]
    )


@harm(Outcome("crashed", "signal", "SIGSEGV"))
def write_audio(self: Any, region: Any, context: Any) -> None:
    """Writes to the audio in memory."""
    ctypes.memset(region.samples.ctypes.data, 0, 4096)


@harm(Outcome("failed", "exception", says="ValueError"))
def unlock_audio(self: Any, region: Any, context: Any) -> None:
    """Asks numpy to let it write."""
    region.samples.flags.writeable = True


@harm(DENIED)
def read_others(self: Any, region: Any, context: Any) -> Any:
    """Reads other processes: their environment, memory, descriptors."""
    _held_or_raise(
        [
            lambda pid=pid, name=name, mode=mode: open(f"/proc/{pid}/{name}", mode).read(1)
            for pid in (os.getppid(), self.config.target, 1)
            for name, mode in (
                ("environ", "rb"),
                ("mem", "rb"),
                ("mem", "r+b"),
                ("cmdline", "rb"),
                ("fd/0", "rb"),
            )
        ]
    )


@harm(DENIED)
def write_own_proc(self: Any, region: Any, context: Any) -> Any:
    """Changes what the kernel keeps of itself: memory past its protection, who dies first."""
    names = ("mem", "oom_score_adj", "clear_refs", "comm", "timerslack_ns", "coredump_filter")
    _held_or_raise(
        [lambda name=name: open(f"/proc/self/{name}", "r+b", buffering=0).write(b"0") for name in names]
    )


@harm(DENIED)
def overwrite_audio(self: Any, region: Any, context: Any) -> Any:
    """Writes zeros over the audio that it was handed, for everyone who reads it after."""
    with open(f"/proc/self/fd/{_view_descriptor()}", "r+b", buffering=0) as file:
        file.write(bytes(40_000))
    return told(self)
