"""Decodes one file: probe it, then stream it once into views, waveform, levels and the silence envelope."""

from __future__ import annotations

import signal
from dataclasses import asdict
from typing import TYPE_CHECKING

from ._codes import IntakeCode, IntakeFailure
from ._contract import MAX_SECONDS, RESERVE_BYTES, Decoded, Probe, Request, ViewRequest
from ._decoders import DecoderError, SoundFileDecoder
from ._envelope import BANDS
from ._headers import missing_bytes, ogg_is_cut
from ._pass import Pass, too_long
from ._probe import DECODERS, probe
from ._pyav import PyAVDecoder
from ._source import Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from hemiola._worker.tasks import Task

    from ._decoders import Decoder

__all__ = [
    "Decoded",
    "IntakeCode",
    "IntakeFailure",
    "Probe",
    "Request",
    "ViewRequest",
    "decode",
    "probe",
    "run",
]

UNREAD_BYTES = 1 << 16
"""A decoder that ends further from the file's end than this, and than 2 % of it, may have missed some."""


def decode(fd: int, probed: Probe, request: Request, progress: Callable[[float], None]) -> Decoded:
    """Stream a file once, writing all that the request names.

    libsndfile's result stands unless it stopped early and FFmpeg gets further; then FFmpeg's replaces it.

    Parameters
    ----------
    fd : int
        Readable descriptor of a regular file; its offset is neither used nor moved.
    probed : Probe
        From `probe`; its rate and channels hold even where the file changes them midway.
    request : Request
        Where to write, and the limits.
    progress : callable
        Told the fraction done, 0 to 1.

    Returns
    -------
    Decoded

    Raises
    ------
    IntakeFailure
        When nothing can be decoded, a limit is passed, or the file changes or fails meanwhile.
    """
    source = Source(fd, probed.name)
    decoder = _opened(source, probed)
    try:
        _refuse_long_claim(decoder, probed, request)
        done = Pass(probed, request)
        done.run(decoder, source, progress)
        if decoder.name == "soundfile" and _may_have_more(decoder, done.frames, source):
            better = _further(source, probed, done.frames, request.max_seconds)
            if better is not None:
                decoder.close()
                decoder = better
                done = Pass(probed, request)
                done.run(decoder, source, progress)
        if not done.frames:
            raise IntakeFailure(
                IntakeCode.DAMAGED, f"“{probed.name}” is damaged: nothing of it can be decoded."
            )
        done.finish()
        progress(1.0)
        return _decoded(source, probed, decoder, done)
    finally:
        decoder.close()


def _opened(source: Source, probed: Probe) -> Decoder:
    try:
        return DECODERS[probed.decoder](source)
    except DecoderError as error:
        source.check()
        raise IntakeFailure(
            IntakeCode.DAMAGED, f"“{probed.name}” could not be opened again: {error}."
        ) from error


def _refuse_long_claim(decoder: Decoder, probed: Probe, request: Request) -> None:
    """Refuse at once where the claim follows from the bytes that are there; others are decoded to see."""
    known = isinstance(decoder, SoundFileDecoder) and decoder.uncompressed
    if known and (decoder.frames or 0) > request.max_seconds * decoder.rate:
        raise too_long(probed.name, request.max_seconds)


def _may_have_more(decoder: Decoder, frames: int, source: Source) -> bool:
    if decoder.facts.error is not None:
        return True
    if _falls_short(decoder, decoder.frames, frames):
        return True
    return source.size - source.furthest > max(UNREAD_BYTES, source.size // 50)


def _falls_short(decoder: Decoder, announced: int | None, frames: int) -> bool:
    if announced is None or decoder.estimated:
        return False
    return announced - frames > decoder.tolerance_s * decoder.rate


def _further(source: Source, probed: Probe, frames: int, max_seconds: float) -> PyAVDecoder | None:
    """Return FFmpeg's decoder, ready for a pass, if it gets further than `frames`; found out by counting."""
    try:
        counting = PyAVDecoder(source)
    except DecoderError:
        return None
    try:
        counting.rate, counting.channels = probed.rate, probed.channels
        reached = 0
        for block in counting.blocks():
            reached += len(block)
            if reached > max_seconds * probed.rate:
                break
    finally:
        counting.close()
    source.check()
    if reached <= frames + counting.tolerance_s * probed.rate * 0.1:
        return None
    decoder = PyAVDecoder(source)
    decoder.rate, decoder.channels = probed.rate, probed.channels
    return decoder


def _decoded(source: Source, probed: Probe, decoder: Decoder, done: Pass) -> Decoded:
    duration_s = done.frames / probed.rate
    cut = _is_cut(source, probed, decoder, done.frames)
    return Decoded(
        frames=done.frames,
        rate=probed.rate,
        channels=probed.channels,
        duration_s=duration_s,
        truncated_at_s=duration_s if cut else None,
        loudness_lufs=done.loudness.integrated(),
        peak_db=done.levels.peak_db,
        dc_offset=done.levels.dc_offset,
        clipped_samples=done.levels.clipped_samples,
        nan_samples=done.nan_samples,
        envelope_rate_hz=done.envelope.rate_hz,
        envelope_bands=BANDS,
        decoder=decoder.name,
        notices=tuple(_notices(probed, decoder, done, duration_s)),
    )


def _is_cut(source: Source, probed: Probe, decoder: Decoder, frames: int) -> bool:
    """Say whether the sound ends before the file said it would."""
    if decoder.facts.ends_damaged or _falls_short(decoder, probed.frames, frames):
        return True
    if decoder.facts.error is not None:
        return probed.frames is None or probed.frames - frames > 0.01 * probed.rate
    missing = missing_bytes(source)
    if missing and missing / source.size * frames > 0.02 * probed.rate:
        return True
    return ogg_is_cut(source)


def _notices(probed: Probe, decoder: Decoder, done: Pass, duration_s: float) -> list[str]:
    notices = []
    facts = decoder.facts
    if decoder.name != probed.decoder:
        notices.append("The file is damaged; FFmpeg could read further into it than libsndfile and was used.")
    if facts.error is not None:
        notices.append(f"The file is damaged after {duration_s:.2f} s; what follows could not be decoded.")
    if facts.lost_packets:
        notices.append(
            f"{_counted(facts.lost_packets, 'damaged piece')} could not be decoded: silent or left out."
        )
    if facts.channels_changed:
        words = _counted(probed.channels, "channel")
        notices.append(
            f"The number of channels changes along the file; it is analysed with {words} throughout."
        )
    if facts.rate_changed:
        notices.append(f"The sample rate changes along the file; all of it was brought to {probed.rate} Hz.")
    if decoder.tracks > 1:
        notices.append(f"The file holds {decoder.tracks} audio tracks; the main one is analysed.")
    if done.nan_samples:
        were = "was no number and is" if done.nan_samples == 1 else "were no numbers and are"
        notices.append(f"{_counted(done.nan_samples, 'sample')} {were} taken as silence.")
    return notices


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def run(task: Task) -> None:
    """Serve one decode task.

    The opening frame `{"task": "decode", "name", "max_seconds"}` brings the file's descriptor. Sent: `probe`
    with a Probe's fields. Received: `{"views": [{"rate", "channels"}], "reserve_bytes"}` with the descriptors
    of the views in order (one per channel), then of peaks, blocks and envelope. Sent at the end: `decoded`
    with a Decoded's fields; or, at any time, `refused` with `code` and `reason`.
    """
    # A write past RLIMIT_FSIZE shall be an error that is told, not a signal that kills.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    name = str(task.header["name"])
    source_fd = task.fds[0]
    try:
        probed = probe(source_fd, name)
        task.send("probe", asdict(probed))
        header, _, fds = task.receive()
        request = _request(header, fds, probed, float(task.header.get("max_seconds", MAX_SECONDS)))
        task.send("decoded", asdict(decode(source_fd, probed, request, task.progress)))
    except IntakeFailure as failure:
        task.send("refused", {"code": failure.code.value, "reason": failure.reason})
    except MemoryError:
        reason = f"“{name}” is damaged: decoding it asks for more memory than any sound file needs."
        task.send("refused", {"code": IntakeCode.DAMAGED.value, "reason": reason})


def _request(header: dict[str, object], fds: list[int], probed: Probe, max_seconds: float) -> Request:
    """Read the host's answer to a probe."""
    views = []
    position = 0
    asked = header["views"]
    if not isinstance(asked, list):
        raise TypeError("views: expected a list of {rate, channels}")
    for view in asked:
        count = view["channels"] or probed.channels
        views.append(ViewRequest(view["rate"], view["channels"], tuple(fds[position : position + count])))
        position += count
    peaks, blocks, envelope = fds[position:]
    reserve = header.get("reserve_bytes", RESERVE_BYTES)
    if not isinstance(reserve, int):
        raise TypeError("reserve_bytes: expected an integer")
    return Request(tuple(views), peaks, blocks, envelope, max_seconds, reserve)
