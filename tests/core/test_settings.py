"""Settings come from flags, then variables, then the file, and say where a wrong one was read."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import BadSettings
from core.settings import BARE, load


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATA", "CACHE", "JOBS", "MIN_GAP_S", *map(str.upper, BARE)):
        monkeypatch.delenv(f"HEMIOLA_{name}", raising=False)
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "config" / "hemiola").mkdir(parents=True)
    (tmp_path / "config" / "hemiola" / "settings.toml").write_text("min_gap_s = 0.1\njobs = 7\n")


def test_flags_win_over_variables_and_variables_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().jobs == 7
    monkeypatch.setenv("HEMIOLA_JOBS", "5")
    assert load().jobs == 5
    assert load(jobs=3).jobs == 3
    assert load().regions.min_gap_s == 0.1


def test_data_lies_in_the_xdg_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert load().data == tmp_path / "hemiola"


def test_a_wrong_value_is_named_with_its_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEMIOLA_JOBS", "many")
    with pytest.raises(BadSettings, match=r"jobs = 'many' from the environment"):
        load()


def test_an_unknown_key_in_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "config" / "hemiola" / "settings.toml").write_text("min_gpa_s = 1\n")
    with pytest.raises(BadSettings, match="min_gpa_s"):
        load()


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "config" / "hemiola" / "settings.toml").write_text("= 1\n")
    with pytest.raises(BadSettings, match=r"settings\.toml"):
        load()


def test_what_a_sites_programs_share_is_read_without_the_prefix_which_comes_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bare = {
        "MODEL_URI": "s3://nets/complete_network.h5",
        "MODEL_VERSION": "7",
        "MODEL_SHA256": "AB" * 32,
        "MODEL_CACHE_DIR": str(tmp_path),
        "LOW_CONFIDENCE_THRESHOLD": "0.4",
        "PDF_BACKEND": "musescore",
    }
    assert {name.upper() for name in BARE} == bare.keys()
    assert load().pdf_backend is None and load().low_confidence_threshold == 0.5
    assert load().model_cache == load().cache / "models"
    for name, value in bare.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("JOBS", "5")
    read = load()
    assert (read.model_uri, read.model_version, read.model_sha256) == (bare["MODEL_URI"], "7", "ab" * 32)
    assert (read.low_confidence_threshold, read.pdf_backend, read.jobs) == (0.4, "musescore", 7)
    assert read.model_cache == tmp_path
    monkeypatch.setenv("HEMIOLA_MODEL_VERSION", "8")
    assert load().model_version == "8"
    monkeypatch.setenv("HEMIOLA_PDF_BACKEND", "word")
    with pytest.raises(BadSettings, match=r"pdf_backend = 'word' from the environment"):
        load()


@pytest.mark.parametrize(("name", "value"), [("model_sha256", "abc"), ("model_version", "../1")])
def test_a_sites_network_that_cannot_be_told_apart_is_refused(name: str, value: str) -> None:
    with pytest.raises(BadSettings, match=name):
        load(**{name: value})
