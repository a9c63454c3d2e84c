"""What host and decoder say to each other about one file."""

from __future__ import annotations

from dataclasses import dataclass

MAX_SECONDS = 12 * 3600.0
RESERVE_BYTES = 256 << 20


@dataclass(frozen=True)
class Probe:
    """What a file is, before it is decoded.

    Attributes
    ----------
    name : str
        The file's name, for sentences.
    decoder : str
        "soundfile" or "pyav": which one reads it.
    format : str
        A few words: "WAV (PCM 24)", "MP3", "M4A (AAC)".
    rate, channels : int
        Sample rate in Hz, number of channels.
    frames : int | None
        Samples per channel that the file announces, or the decoder estimates; None when neither. A claim, not
        a fact.
    duration_s : float | None
        `frames` in seconds.
    """

    name: str
    decoder: str
    format: str
    rate: int
    channels: int
    frames: int | None
    duration_s: float | None


@dataclass(frozen=True)
class ViewRequest:
    """One view to write.

    Attributes
    ----------
    rate : int | None
        Sample rate in Hz; None is the file's own.
    channels : int | None
        1 is the mean of all channels; None is each of the file's channels.
    fds : tuple of int
        A writable descriptor per channel, without O_APPEND; receives raw little-endian float32 from offset 0.
    """

    rate: int | None
    channels: int | None
    fds: tuple[int, ...]


@dataclass(frozen=True)
class Request:
    """Everything that one pass over a file shall write, all to empty descriptors like a view's.

    Attributes
    ----------
    views : tuple of ViewRequest
    peaks_fd : int
        Receives audiowaveform's 8-bit .dat, version 1, 256 samples per pixel.
    blocks_fd : int
        Receives float32 rows of (min, max, rms), one per 256 samples.
    envelope_fd : int
        Receives float32 rows of `Decoded.envelope_bands` band powers, `Decoded.envelope_rate_hz` a second.
    max_seconds : float
        A file that decodes to more is refused.
    reserve_bytes : int
        What must stay free on the disk.
    """

    views: tuple[ViewRequest, ...]
    peaks_fd: int
    blocks_fd: int
    envelope_fd: int
    max_seconds: float = MAX_SECONDS
    reserve_bytes: int = RESERVE_BYTES


@dataclass(frozen=True)
class Decoded:
    """What one pass over a file found.

    Attributes
    ----------
    frames, rate, channels : int
        Samples per channel that were decoded, their rate in Hz, the number of channels.
    duration_s : float
        `frames` in seconds.
    truncated_at_s : float | None
        Where the sound ends, if that is before the file's own announced end or amid damage.
    loudness_lufs : float | None
        Integrated loudness (BS.1770-4); None for silence, under 400 ms, or a sample rate under 8 kHz.
    peak_db : float | None
        Largest sample in dB of full scale; None for digital silence.
    dc_offset : float
        Mean of the channel that lies furthest from zero, full scale at 1.
    clipped_samples : int
        Samples at full scale or beyond, over all channels.
    nan_samples : int
        Samples that were no numbers and were replaced by silence.
    envelope_rate_hz : float
        Rows of the envelope per second.
    envelope_bands : int
        Values per row of the envelope.
    decoder : str
        Which decoder read it in the end.
    notices : tuple of str
        Sentences worth showing that make the file no worse.
    """

    frames: int
    rate: int
    channels: int
    duration_s: float
    truncated_at_s: float | None
    loudness_lufs: float | None
    peak_db: float | None
    dc_offset: float
    clipped_samples: int
    nan_samples: int
    envelope_rate_hz: float
    envelope_bands: int
    decoder: str
    notices: tuple[str, ...]
