"""Settings come from flags, then variables, then the file, and say where a wrong one was read."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import BadSettings
from core.settings import load


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATA", "CACHE", "JOBS", "MIN_GAP_S"):
        monkeypatch.delenv(f"HEMIOLA_{name}", raising=False)
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
