"""The filter of system calls, run instruction by instruction for both architectures."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest

from hemiola._worker import seccomp
from tests.sandbox.bpf import ALLOW, KILL, verdict

PID, OTHER = 4711, 1
REFUSED = 0x50000 | errno.EPERM
FOREIGN_AUDITS = (0x40000003, 0xC00000B7, 0xC000003E, 0)
DESIGN = """
fork vfork execve clone clone3 socket io_uring_setup io_uring_enter io_uring_register chmod chown utime setxattr
mount keyctl shmget semget msgget mq_open memfd_create memfd_secret ptrace process_vm_readv process_vm_writev
pidfd_open pidfd_getfd bpf perf_event_open userfaultfd unshare setns kill tkill tgkill rt_sigqueueinfo
rt_tgsigqueueinfo pidfd_send_signal prlimit64 sched_setaffinity sched_setscheduler setpriority ioprio_set
"""
OLD_NAMES = {"fork", "vfork", "chmod", "chown", "utime"}
"""Calls that only x86 has; elsewhere the newer ones that replaced them are refused."""
CONDITIONAL = {
    *seccomp.OWN_PID,
    *seccomp.OWN_PID_OR_ZERO,
    *seccomp.SELECTED,
    "clone",
    "clone3",
    "prctl",
    "fcntl",
    "ioctl",
}

machines = pytest.mark.parametrize("machine", sorted(seccomp.ARCHITECTURES))


def ask(machine: str, name: str, *arguments: int) -> int:
    architecture = seccomp.ARCHITECTURES[machine]
    return verdict(seccomp.program(PID, machine), architecture.numbers[name], arguments, architecture.audit)


@machines
def test_every_call_of_the_design_is_in_the_table(machine: str) -> None:
    missing = set(DESIGN.split()) - seccomp.ARCHITECTURES[machine].numbers.keys()
    assert missing <= (OLD_NAMES if machine != "x86_64" else set())


@machines
def test_listed_calls_are_refused_whatever_they_ask(machine: str) -> None:
    for name in seccomp.ARCHITECTURES[machine].numbers.keys() - CONDITIONAL - {"socketpair"}:
        assert ask(machine, name) == ask(machine, name, PID, PID) == REFUSED, name


@machines
def test_signals_reach_nobody_but_the_worker_itself(machine: str) -> None:
    for name in seccomp.OWN_PID:
        assert ask(machine, name, PID, 9) == ALLOW
        for other in (OTHER, 0, -1, -PID, PID + (1 << 31), OTHER + (PID << 32)):
            assert ask(machine, name, other, 9) == REFUSED, (name, other)


@machines
def test_limits_and_priorities_are_its_own(machine: str) -> None:
    for name in seccomp.OWN_PID_OR_ZERO:
        assert ask(machine, name, 0) == ask(machine, name, PID) == ALLOW
        assert ask(machine, name, OTHER) == REFUSED
    for name, chosen in seccomp.SELECTED.items():
        assert ask(machine, name, chosen, 0) == ask(machine, name, chosen, PID) == ALLOW
        assert ask(machine, name, chosen, OTHER) == ask(machine, name, chosen + 1, 0) == REFUSED


@machines
def test_threads_may_be_started_and_processes_not(machine: str) -> None:
    thread = 0x3D0F00
    assert ask(machine, "clone", thread) == ALLOW
    assert ask(machine, "clone", 17) == ask(machine, "clone", thread & ~seccomp.THREAD) == REFUSED
    assert ask(machine, "clone3") == 0x50000 | errno.ENOSYS


@machines
def test_a_pair_of_sockets_is_of_unix_streams(machine: str) -> None:
    stream, datagram, packet, raw, unix, tipc = 1, 2, 5, 3, 1, 30
    for flags in (0, 0x800, 0x80000, 0x80800):
        assert ask(machine, "socketpair", unix, stream | flags) == ALLOW
        for kind in (datagram, packet, raw):
            assert ask(machine, "socketpair", unix, kind | flags) == REFUSED
        assert ask(machine, "socketpair", tipc, stream | flags) == REFUSED


@machines
def test_what_sends_signals_by_detours_is_refused(machine: str) -> None:
    for command in seccomp.FCNTL_REFUSED:
        assert ask(machine, "fcntl", 3, command) == ask(machine, "fcntl", 3, command | 1 << 32) == REFUSED
    for command in (0, 1, 2, 3, 4, 1030):
        assert ask(machine, "fcntl", 3, command) == ALLOW
    for option in seccomp.PRCTL_REFUSED:
        assert ask(machine, "prctl", option) == ask(machine, "prctl", option | 1 << 32) == REFUSED
    assert ask(machine, "prctl", 15) == ALLOW
    for request in (0x8901, 0x8902, 0x5412, 0x40086602, 0x5452):
        assert ask(machine, "ioctl", 3, request) == 0x50000 | errno.ENOTTY
    for request in seccomp.IOCTL_ALLOWED:
        assert ask(machine, "ioctl", 3, request) == ALLOW


@machines
def test_other_abis_end_the_process_and_newer_calls_are_unknown(machine: str) -> None:
    architecture = seccomp.ARCHITECTURES[machine]
    program = seccomp.program(PID, machine)
    for audit in set(FOREIGN_AUDITS) - {architecture.audit}:
        assert verdict(program, 39, audit=audit) == KILL
    for number in (0x40000000, 0x40000000 + 41, 0xFFFFFFFF):
        assert verdict(program, number, audit=architecture.audit) == KILL
    for number in (seccomp.NEWEST + 1, 1000, 0x3FFFFFFF):
        assert verdict(program, number, audit=architecture.audit) == 0x50000 | errno.ENOSYS


@machines
def test_all_else_is_allowed(machine: str) -> None:
    architecture = seccomp.ARCHITECTURES[machine]
    program = seccomp.program(PID, machine)
    for number in set(range(seccomp.NEWEST + 1)) - set(architecture.numbers.values()):
        assert verdict(program, number, audit=architecture.audit) == ALLOW


@machines
def test_no_number_stands_for_two_calls(machine: str) -> None:
    numbers = list(seccomp.ARCHITECTURES[machine].numbers.values())
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize(
    ("machine", "header"),
    [
        ("x86_64", "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
        ("aarch64", "/usr/include/asm-generic/unistd.h"),
    ],
)
def test_the_numbers_are_those_of_the_kernels_headers(machine: str, header: str) -> None:
    if not Path(header).exists():
        pytest.skip(f"the kernel's headers are not installed: {header}")
    found = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", Path(header).read_text())
    official = {name: int(number) for name, number in found}
    listed = seccomp.ARCHITECTURES[machine].numbers
    both = listed.keys() & official.keys()
    assert len(both) > 80
    assert {name: listed[name] for name in both} == {name: official[name] for name in both}
