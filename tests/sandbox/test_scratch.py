"""Measuring and removing a folder that somebody hostile wrote to."""

from __future__ import annotations

import os
from pathlib import Path

from bridges import scratch


def deep(folder: Path, levels: int) -> Path:
    """Folders in folders, deeper than any path is long."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    return folder


def test_what_lies_beneath_is_counted_and_what_a_link_leads_to_is_not(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "scratch", tmp_path / "elsewhere"
    (folder / "a").mkdir(parents=True)
    elsewhere.mkdir()
    (elsewhere / "large").write_bytes(b"x" * 10_000_000)
    (folder / "link").symlink_to(elsewhere)
    (folder / "a" / "b").write_bytes(b"x" * 1_000_000)
    assert 1_000_000 <= scratch.used(folder, os.getpid()) < 2_000_000


def test_open_files_without_a_name_are_counted(tmp_path: Path) -> None:
    before = scratch.used(tmp_path, os.getpid())
    with open(tmp_path / "gone", "wb", buffering=0) as file:
        os.unlink(tmp_path / "gone")
        file.write(b"x" * 1_000_000)
        assert scratch.used(tmp_path, os.getpid()) >= before + 1_000_000


def test_folders_too_deep_to_measure_are_beyond_every_limit_and_are_removed(tmp_path: Path) -> None:
    folder = tmp_path / "scratch"
    folder.mkdir()
    assert scratch.used(deep(folder, 2500), os.getpid()) == scratch.BEYOND
    scratch.remove(folder)
    assert not folder.exists()


def test_a_folder_that_nobody_may_list_is_removed_and_what_its_links_lead_to_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "scratch"
    (folder / "closed" / "within").mkdir(parents=True)
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").touch()
    (folder / "closed" / "link").symlink_to(tmp_path / "kept")
    (folder / "closed").chmod(0o300)
    scratch.remove(folder)
    assert not folder.exists() and (tmp_path / "kept" / "file").exists()
