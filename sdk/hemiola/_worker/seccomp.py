"""Seccomp: which system calls a worker may make. A filter in classic BPF, installed through ctypes.

Refused are new processes, signals and limits of other processes, every socket but a pair of connected
streams (a datagram socket of a pair can be sent to any address), other ways to the network or to other
memory, watching of folders, changes of modes, owners, times and attributes of files, and everything
that administers the machine. What it lists is refused with EPERM; numbers newer than the tables, and
clone3 (whose flags a filter cannot read), answer ENOSYS, so that libraries fall back.

References
----------
The kernel's documentation, userspace-api/seccomp_filter.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from dataclasses import dataclass

LOAD, MASK, EQUAL, ABOVE, ALL_SET, RETURN = 0x20, 0x54, 0x15, 0x25, 0x45, 0x06
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000, 0x80000000
NUMBER_AT, ARCH_AT, ARGUMENTS_AT = 0, 4, 16
THREAD = 0x00010000
NEWEST = 470
"""Highest system call number the tables below were checked against (Linux 6.18)."""

_X86_64 = """
fork 57|vfork 58|execve 59|execveat 322|clone 56|clone3 435|socket 41|socketpair 53|connect 42|bind 49|listen 50
accept 43|accept4 288|setsockopt 54|inotify_init 253|inotify_init1 294|inotify_add_watch 254|io_setup 206|io_submit 209
sync 162|syncfs 306|io_uring_setup 425|io_uring_enter 426
io_uring_register 427|chmod 90|fchmod 91|fchmodat 268|fchmodat2 452|chown 92|fchown 93|lchown 94|fchownat 260
utime 132|utimes 235|utimensat 280|futimesat 261|setxattr 188|lsetxattr 189|fsetxattr 190|removexattr 197
lremovexattr 198|fremovexattr 199|setxattrat 463|removexattrat 466|mount 165|umount2 166|pivot_root 155|chroot 161
move_mount 429|open_tree 428|open_tree_attr 467|fsopen 430|fsconfig 431|fsmount 432|fspick 433|mount_setattr 442
add_key 248|request_key 249|keyctl 250|shmget 29|shmat 30|shmctl 31|shmdt 67|semget 64|semop 65|semctl 66
semtimedop 220|msgget 68|msgsnd 69|msgrcv 70|msgctl 71|mq_open 240|mq_unlink 241|mq_timedsend 242
mq_timedreceive 243|mq_notify 244|mq_getsetattr 245|memfd_create 319|memfd_secret 447|ptrace 101
process_vm_readv 310|process_vm_writev 311|process_madvise 440|process_mrelease 448|kcmp 312|pidfd_open 434
pidfd_getfd 438|pidfd_send_signal 424|bpf 321|perf_event_open 298|userfaultfd 323|unshare 272|setns 308
kill 62|tkill 200|tgkill 234|rt_sigqueueinfo 129|rt_tgsigqueueinfo 297|prlimit64 302|sched_setparam 142
sched_setscheduler 144|sched_setaffinity 203|sched_setattr 314|setpriority 141|ioprio_set 251|migrate_pages 256
move_pages 279|setpgid 109|setsid 112|personality 135|reboot 169|kexec_load 246|kexec_file_load 320|init_module 175
finit_module 313|delete_module 176|swapon 167|swapoff 168|settimeofday 164|clock_settime 227|clock_adjtime 305
adjtimex 159|sethostname 170|setdomainname 171|iopl 172|ioperm 173|quotactl 179|quotactl_fd 443|syslog 103
vhangup 153|acct 163|mknod 133|mknodat 259|name_to_handle_at 303|open_by_handle_at 304|fanotify_init 300
fanotify_mark 301|capset 126|prctl 157|fcntl 72|ioctl 16|file_setattr 469|landlock_restrict_self 446
"""
_AARCH64 = """
execve 221|execveat 281|clone 220|clone3 435|socket 198|socketpair 199|connect 203|bind 200|listen 201
accept 202|accept4 242|setsockopt 208|inotify_init1 26|inotify_add_watch 27|io_setup 0|io_submit 2|sync 81|syncfs 267
io_uring_setup 425|io_uring_enter 426|io_uring_register 427
fchmod 52|fchmodat 53|fchmodat2 452|fchown 55|fchownat 54|utimensat 88|setxattr 5|lsetxattr 6|fsetxattr 7
removexattr 14|lremovexattr 15|fremovexattr 16|setxattrat 463|removexattrat 466|mount 40|umount2 39|pivot_root 41
chroot 51|move_mount 429|open_tree 428|open_tree_attr 467|fsopen 430|fsconfig 431|fsmount 432|fspick 433
mount_setattr 442|add_key 217|request_key 218|keyctl 219|shmget 194|shmat 196|shmctl 195|shmdt 197|semget 190
semop 193|semctl 191|semtimedop 192|msgget 186|msgsnd 189|msgrcv 188|msgctl 187|mq_open 180|mq_unlink 181
mq_timedsend 182|mq_timedreceive 183|mq_notify 184|mq_getsetattr 185|memfd_create 279|memfd_secret 447|ptrace 117
process_vm_readv 270|process_vm_writev 271|process_madvise 440|process_mrelease 448|kcmp 272|pidfd_open 434
pidfd_getfd 438|pidfd_send_signal 424|bpf 280|perf_event_open 241|userfaultfd 282|unshare 97|setns 268|kill 129
tkill 130|tgkill 131|rt_sigqueueinfo 138|rt_tgsigqueueinfo 240|prlimit64 261|sched_setparam 118
sched_setscheduler 119|sched_setaffinity 122|sched_setattr 274|setpriority 140|ioprio_set 30|migrate_pages 238
move_pages 239|setpgid 154|setsid 157|personality 92|reboot 142|kexec_load 104|kexec_file_load 294|init_module 105
finit_module 273|delete_module 106|swapon 224|swapoff 225|settimeofday 170|clock_settime 112|clock_adjtime 266
adjtimex 171|sethostname 161|setdomainname 162|quotactl 60|quotactl_fd 443|syslog 116|vhangup 58|acct 89|mknodat 33
name_to_handle_at 264|open_by_handle_at 265|fanotify_init 262|fanotify_mark 263|capset 91|prctl 167|fcntl 25
ioctl 29|file_setattr 469|landlock_restrict_self 446
"""


@dataclass(frozen=True, slots=True)
class Architecture:
    """A machine's audit number and its system call numbers."""

    audit: int
    numbers: dict[str, int]


def _numbers(text: str) -> dict[str, int]:
    pairs = (entry.split() for line in text.split("\n") for entry in line.split("|") if entry)
    return {name: int(number) for name, number in pairs}


ARCHITECTURES = {
    "x86_64": Architecture(0xC000003E, _numbers(_X86_64)),
    "aarch64": Architecture(0xC00000B7, _numbers(_AARCH64)),
}

OWN_PID = {
    "kill": 0,
    "tkill": 0,
    "tgkill": 0,
    "rt_sigqueueinfo": 0,
    "rt_tgsigqueueinfo": 0,
}
"""Calls allowed when this argument is the worker's own pid; 0, the group, is not."""
OWN_PID_OR_ZERO = {
    "prlimit64": 0,
    "sched_setparam": 0,
    "sched_setscheduler": 0,
    "sched_setaffinity": 0,
    "sched_setattr": 0,
    "move_pages": 0,
    "migrate_pages": 0,
}
SELECTED = {"setpriority": 0, "ioprio_set": 1}
"""Calls whose first argument must select a process (this value) and whose second is its pid or 0."""
PRCTL_REFUSED = (1, 4, 8, 28, 35, 36, 47, 62, 0x59616D61)
"""PDEATHSIG, DUMPABLE, KEEPCAPS, SECUREBITS, MM, CHILD_SUBREAPER, CAP_AMBIENT, SCHED_CORE, SET_PTRACER."""
FCNTL_REFUSED = (8, 10, 15, 1024, 1026, 1031)
"""SETOWN, SETSIG, SETOWN_EX (they send signals for the caller), SETLEASE, NOTIFY, SETPIPE_SZ (a user's share)."""
IOCTL_ALLOWED = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS, window size, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX; others change files or send signals."""
UNIX, STREAM, STREAM_FLAGS = 1, 1, 0x80800
"""A family; a type of socket, and what may be said with it: non-blocking, closed on exec."""


def supported() -> bool:
    """Whether this machine's system calls are known."""
    return platform.system() == "Linux" and platform.machine() in ARCHITECTURES


def _op(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("<HBBI", code, yes, no, value & 0xFFFFFFFF)


def _argument(index: int) -> bytes:
    return _op(LOAD, ARGUMENTS_AT + 8 * index)


def _rule(name: str, pid: int) -> bytes:
    """The instructions for one call, entered with its number matched; each ends in a verdict."""
    refuse, allow = _op(RETURN, REFUSE | errno.EPERM), _op(RETURN, ALLOW)
    if name == "clone3":
        return _op(RETURN, REFUSE | errno.ENOSYS)
    if name == "clone":
        return _argument(0) + _op(ALL_SET, THREAD, 0, 1) + allow + refuse
    if name == "socketpair":
        stream = _op(MASK, ~STREAM_FLAGS) + _op(EQUAL, STREAM, 0, 1) + allow
        return _argument(0) + _op(EQUAL, UNIX, 0, 4) + _argument(1) + stream + refuse
    if name in OWN_PID:
        return _argument(OWN_PID[name]) + _op(EQUAL, pid, 0, 1) + allow + refuse
    if name in OWN_PID_OR_ZERO:
        own = _op(EQUAL, pid, 1, 0) + _op(EQUAL, 0, 0, 1)
        return _argument(OWN_PID_OR_ZERO[name]) + own + allow + refuse
    if name in SELECTED:
        chosen = _argument(0) + _op(EQUAL, SELECTED[name], 0, 4)
        return chosen + _argument(1) + _op(EQUAL, pid, 1, 0) + _op(EQUAL, 0, 0, 1) + allow + refuse
    if name in ("prctl", "fcntl"):
        index, listed = (0, PRCTL_REFUSED) if name == "prctl" else (1, FCNTL_REFUSED)
        tests = b"".join(_op(EQUAL, value, len(listed) - i, 0) for i, value in enumerate(listed))
        return _argument(index) + tests + allow + refuse
    if name == "ioctl":
        tests = b"".join(
            _op(EQUAL, value, len(IOCTL_ALLOWED) - i, 0) for i, value in enumerate(IOCTL_ALLOWED)
        )
        return _argument(1) + tests + _op(RETURN, REFUSE | errno.ENOTTY) + allow
    return refuse


def program(pid: int, machine: str | None = None) -> bytes:
    """The filter for the worker with this pid, as BPF instructions of eight bytes."""
    architecture = ARCHITECTURES[machine or platform.machine()]
    code = [_op(LOAD, ARCH_AT), _op(EQUAL, architecture.audit, 1, 0), _op(RETURN, KILL)]
    code += [_op(LOAD, NUMBER_AT), _op(ABOVE, 0x3FFFFFFF, 0, 1), _op(RETURN, KILL)]
    code += [_op(ABOVE, NEWEST, 0, 1), _op(RETURN, REFUSE | errno.ENOSYS)]
    for name, number in architecture.numbers.items():
        rule = _rule(name, pid)
        code += [_op(EQUAL, number, 0, len(rule) // 8), rule]
    code.append(_op(RETURN, ALLOW))
    return b"".join(code)


def install() -> None:
    """Put the filter on this process; needs no_new_privs. Raises OSError when the kernel refuses."""
    code = program(os.getpid())
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("<HxxxxxxQ", len(code) // 8, ctypes.addressof(buffer))
    set_seccomp, filter_mode = 22, 2
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(set_seccomp, filter_mode, header, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"seccomp: {os.strerror(number)}")
