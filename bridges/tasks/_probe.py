"""Which decoder reads a file, and what the file says of itself; or the sentence that says why none does."""

from __future__ import annotations

from ._codes import IntakeCode, IntakeFailure
from ._contract import Probe
from ._decoders import Decoder, DecoderError, SoundFileDecoder
from ._headers import looks_like_audio, what_it_is
from ._pyav import NoAudioStream, PyAVDecoder, UnknownCodec
from ._source import Source

MAX_CHANNELS = 64
SMALLEST_FILE = 16
LOWEST_RATE, HIGHEST_RATE = 1000, 3_072_000
DECODERS: dict[str, type[SoundFileDecoder | PyAVDecoder]] = {
    "soundfile": SoundFileDecoder,
    "pyav": PyAVDecoder,
}


def probe(fd: int, name: str) -> Probe:
    """Find the decoder that gets sound out of a file, and read what the file announces.

    Parameters
    ----------
    fd : int
        Readable descriptor of a regular file; its offset is neither used nor moved.
    name : str
        The file's name, for sentences.

    Returns
    -------
    Probe

    Raises
    ------
    IntakeFailure
        With the code and sentence for a file that no decoder gets sound from, or that is out of bounds.
    """
    source = Source(fd, name)
    refusals: list[DecoderError] = []
    opened_as, announced_s = None, 0.0
    for kind in DECODERS.values():
        try:
            decoder = kind(source)
        except DecoderError as error:
            refusals.append(error)
            continue
        try:
            if opened_as is None:
                opened_as, announced_s = decoder.format, (decoder.frames or 0) / max(1, decoder.rate)
            _check_bounds(decoder, name)
            if _has_sound(decoder):
                return _described(decoder, name)
            if decoder.facts.error is not None:
                refusals.append(DecoderError(decoder.facts.error))
        finally:
            decoder.close()
    source.check()
    raise _refusal(source, opened_as, announced_s, refusals)


def _has_sound(decoder: Decoder) -> bool:
    return any(len(block) for block in decoder.blocks())


def _described(decoder: Decoder, name: str) -> Probe:
    frames = decoder.frames
    return Probe(
        name=name,
        decoder=decoder.name,
        format=decoder.format,
        rate=decoder.rate,
        channels=decoder.channels,
        frames=frames,
        duration_s=None if frames is None else frames / decoder.rate,
    )


def _check_bounds(decoder: Decoder, name: str) -> None:
    if decoder.channels > MAX_CHANNELS:
        raise IntakeFailure(
            IntakeCode.UNSUPPORTED,
            f"“{name}” has {decoder.channels} channels; up to {MAX_CHANNELS} can be analysed.",
        )
    if decoder.channels and decoder.rate and not LOWEST_RATE <= decoder.rate <= HIGHEST_RATE:
        raise IntakeFailure(
            IntakeCode.UNSUPPORTED,
            f"“{name}” has a sample rate of {decoder.rate} Hz; from {LOWEST_RATE} Hz up can be analysed.",
        )


def _refusal(
    source: Source, opened_as: str | None, announced_s: float, refusals: list[DecoderError]
) -> IntakeFailure:
    """Say why no decoder got sound out of the file."""
    name = source.label
    head = source.at(0, 512)
    if any(isinstance(refusal, UnknownCodec) for refusal in refusals):
        return IntakeFailure(
            IntakeCode.UNSUPPORTED,
            f"“{name}” holds sound in a coding that cannot be decoded here; it may be copy-protected.",
        )
    if any(isinstance(refusal, NoAudioStream) for refusal in refusals):
        return IntakeFailure(IntakeCode.NO_AUDIO, f"“{name}” holds no sound: there is no audio track in it.")
    if opened_as is not None and not announced_s and not any(_is_damage(refusal) for refusal in refusals):
        return IntakeFailure(
            IntakeCode.NO_AUDIO, f"“{name}” holds no sound: nothing follows its {opened_as} header."
        )
    if announced_s >= 0.1 and not refusals[1:]:
        return IntakeFailure(
            IntakeCode.DAMAGED,
            f"“{name}” is damaged: it announces {announced_s:.1f} s of sound, but none of it can be decoded, "
            "as happens when a copy or download breaks off.",
        )
    if opened_as is not None or looks_like_audio(head[:16]):
        return IntakeFailure(IntakeCode.DAMAGED, _damage_sentence(name, head))
    if source.size < SMALLEST_FILE:
        because = f"it holds {source.size} byte{'' if source.size == 1 else 's'}"
    else:
        what = what_it_is(head)
        because = f"it seems to be {what}" if what else "its content is in no known sound format"
    return IntakeFailure(IntakeCode.UNKNOWN_FORMAT, f"“{name}” is not a sound file: {because}.")


def _is_damage(refusal: DecoderError) -> bool:
    return "Format not recognised" not in str(refusal)


def _damage_sentence(name: str, head: bytes) -> str:
    if head[4:8] in (b"ftyp", b"mdat", b"free", b"wide"):
        return (
            f"“{name}” is damaged: its index, written when a recording or copy is finished, is missing or "
            "empty, so nothing of it can be played."
        )
    return f"“{name}” is damaged: it begins like a sound file, but nothing of it can be decoded."
