"""What a file's first bytes say, read without a decoder: what it is, and how much of it is missing.

libsndfile quietly shortens a cut-off file to the bytes that are there, so the length that the header promised
is read here: RIFF, RF64, Wave64, AIFF and AU.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._source import Source

UNKNOWN_SIZE = 0x7FFF0000
"""Writers that cannot seek back leave a size at or above this, meaning "until the end"."""
MAX_CHUNKS = 10_000

_AUDIO_SIGNS: tuple[tuple[int, bytes], ...] = (
    (0, b"RIFF"), (0, b"RIFX"), (0, b"RF64"), (0, b"BW64"), (0, b"riff"), (0, b"FORM"), (0, b"fLaC"),
    (0, b"OggS"), (0, b"ID3"), (0, b".snd"), (0, b"caff"), (0, b"MAC "), (0, b"wvpk"), (0, b"\x1aE\xdf\xa3"),
    (0, b"0&\xb2u"), (4, b"ftyp"), (4, b"moov"), (4, b"mdat"), (0, b"#!AMR"), (0, b"TTA1"), (0, b"DSD "),
)  # fmt: skip
_OTHER_SIGNS: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a compressed archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"MThd", "a MIDI file, which holds notes and no sound"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3", "a database"),
)


def looks_like_audio(head: bytes) -> bool:
    """Say whether the first bytes (16 are enough) carry the sign of a known sound or video file."""
    if any(head[at : at + len(sign)] == sign for at, sign in _AUDIO_SIGNS):
        return True
    return len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0


def what_it_is(head: bytes) -> str | None:
    """Name, in a musician's words, what a file that is no sound file seems to be; None when unclear."""
    for sign, words in _OTHER_SIGNS:
        if head.startswith(sign):
            return words
    if not head.strip(b"\0"):
        return "filled with zeros, as an unfinished copy or download is"
    start = head.lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page, as a failed download often is"
    if all(byte in b"\t\n\r\x0b\x0c" or (byte >= 0x20 and byte != 0x7F) for byte in head):
        try:
            head[: len(head) - 3].decode("utf-8")
        except UnicodeDecodeError:
            return None
        return "a text file"
    return None


def missing_bytes(source: Source) -> int:
    """Count the bytes of sound that the header promises beyond the file's end.

    Returns
    -------
    int
        0 when nothing is missing, the header leaves the size open, or the format is none of those read here.
    """
    head = source.at(0, 40)
    try:
        if head[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64"):
            return _riff(source, ">" if head[:4] == b"RIFX" else "<")
        if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
            return _chunks(source, 12, ">4sI", b"SSND", 8, 2)
        if head[:4] == b"riff" and len(head) == 40:
            return _chunks(source, 40, "<16sQ", b"data", 24, 8, counts_header=True)
        if head[:4] == b".snd":
            start, size = struct.unpack(">4xII", head[:12])
            return _beyond(source, start, size)
    except struct.error:
        return 0
    return 0


def _beyond(source: Source, start: int, size: int, *, wide: bool = False) -> int:
    if size == 0 or (size >= UNKNOWN_SIZE and not wide):
        return 0
    return max(0, start + size - source.size)


def _riff(source: Source, order: str) -> int:
    wide = None
    if source.at(12, 4) == b"ds64":
        wide = struct.unpack("<Q", source.at(28, 8))[0]
    return _chunks(source, 12, order + "4sI", b"data", 8, 2, wide_size=wide)


def _chunks(
    source: Source,
    position: int,
    layout: str,
    wanted: bytes,
    header: int,
    align: int,
    *,
    counts_header: bool = False,
    wide_size: int | None = None,
) -> int:
    """Walk chunks of (name, size) to the one that holds the sound and say how far it passes the end."""
    for _ in range(MAX_CHUNKS):
        name, size = struct.unpack(layout, source.at(position, struct.calcsize(layout)))
        if counts_header:
            size = max(0, size - header)
        if name[:4] == wanted:
            if wide_size is not None and size >= UNKNOWN_SIZE:
                return _beyond(source, position + header, wide_size, wide=True)
            return _beyond(source, position + header, size, wide=header > 8)
        position += header + size + -size % align
    return 0


def mp3_says_its_length(source: Source) -> bool:
    """Say whether an MP3 file's first frame carries its length (Xing, Info or VBRI); else it is estimated."""
    start = 0
    head = source.at(0, 10)
    if head[:3] == b"ID3" and len(head) == 10:
        start = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True))
    frame = source.at(start, 4096)
    return any(mark in frame for mark in (b"Xing", b"Info", b"VBRI"))


def ogg_is_cut(source: Source) -> bool:
    """Say whether an Ogg file's last page is incomplete or lacks the mark of a stream's end."""
    if source.at(0, 4) != b"OggS":
        return False
    start = max(0, source.size - (1 << 17))
    tail = source.at(start, 1 << 17)
    page = tail.rfind(b"OggS")
    if page < 0 or len(tail) < page + 27:
        return True
    segments = tail[page + 26]
    lacing = tail[page + 27 : page + 27 + segments]
    complete = len(lacing) == segments and len(tail) >= page + 27 + segments + sum(lacing)
    return not (complete and tail[page + 5] & 4)
