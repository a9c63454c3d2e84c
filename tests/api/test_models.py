"""What is told of models over HTTP."""

from __future__ import annotations

from pathlib import Path

from tests.api.live import Live


def test_every_model_is_told_with_those_who_use_it(tmp_path: Path, home: Path) -> None:
    network = tmp_path / "complete_network.h5"
    network.write_bytes(b"weights")
    with Live(tmp_path, model_uri=str(network), model_version="2") as live:
        live.engine.catalogue.providers()
        mine = live.settings.models_folder / "mine"
        mine.mkdir(parents=True)
        live.engine.models.fetch("annoteator", None, lambda: False)
        told = live.get("/api/models/info")
        models = {one["name"]: one for one in told["items"]}
        site = models["annoteator"]
        assert (site["version"], site["state"], site["in_use"]) == ("2", "fetched", True)
        assert site["files"][0]["source"] == str(network) and site["size"] == 7
        assert Path(site["path"]).read_bytes() == b"weights"
        assert models["mine"]["state"] == "by hand" and models["mine"]["in_use"]
        beats = models["beat_this"]
        assert beats["state"] == "not here" and beats["plugins"] == ["beats.beat_this"]
        assert models["htdemucs"]["licence"] and told["problems"] == []
        (live.settings.data / "models.toml").write_text("= 1")
        assert "models.toml" in live.get("/api/models/info")["problems"][0]
