"""An interpreter of the few instructions of classic BPF that a seccomp filter here is made of."""

from __future__ import annotations

import struct

LOAD, MASK, EQUAL, ABOVE, ALL_SET, RETURN = 0x20, 0x54, 0x15, 0x25, 0x45, 0x06
ALLOW, KILL = 0x7FFF0000, 0x80000000


def verdict(program: bytes, number: int, arguments: tuple[int, ...] = (), audit: int = 0xC000003E) -> int:
    """What the filter returns for a call: ALLOW, KILL, or 0x50000 and an error number.

    Parameters
    ----------
    program
        Instructions of eight bytes.
    number, arguments, audit
        The system call, its arguments as 64-bit words, the architecture it is made in.
    """
    words = [value & (1 << 64) - 1 for value in (*arguments, *[0] * 6)][:6]
    data = struct.pack("<iIQ6Q", struct.unpack("<i", struct.pack("<I", number))[0], audit, 0, *words)
    accumulator, at = 0, 0
    while True:
        code, yes, no, value = struct.unpack_from("<HBBI", program, at * 8)
        at += 1
        if code == RETURN:
            return int(value)
        if code == LOAD:
            (accumulator,) = struct.unpack_from("<I", data, value)
        elif code == MASK:
            accumulator &= value
        else:
            tests = {
                EQUAL: accumulator == value,
                ABOVE: accumulator > value,
                ALL_SET: bool(accumulator & value),
            }
            at += yes if tests[code] else no
