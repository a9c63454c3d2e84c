"""The report as one self-contained page: nothing of it is fetched from anywhere but the audio it links to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from evaluation.report import page_confidence, page_items, page_tables
from evaluation.report.baseline import Against
from evaluation.report.drawn import legend
from evaluation.report.markup import Content, Markup, join, tag, trusted
from evaluation.report.results import Results

_HERE = Path(__file__).parent
Section = Callable[[Results], Markup | None]

SECTIONS: tuple[tuple[str, str, Section], ...] = (
    ("lost", "Lost", page_items.lost),
    ("figures", "Figures", page_tables.main_figures),
    ("peers", "Beside peers", page_tables.beside_peers),
    ("groups", "By kind, meter, kit", page_tables.by_group),
    ("confusions", "Confusions", page_tables.confusions),
    ("confidence", "Confidence", page_confidence.confidence),
    ("wear", "Worn-down audio", page_tables.worn_down),
    ("cost", "Time and memory", page_tables.cost),
    ("failures", "Failures to hear", page_items.failures),
    ("every", "Every figure", page_tables.every_figure),
)


def write_page(path: Path, results: Results, baseline: Against | None = None) -> None:
    """Write the page; a reader never finds half of it."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(page(results, baseline), encoding="utf-8")
    partial.replace(path)


def page(results: Results, baseline: Against | None = None) -> str:
    """The HTML of the page."""
    parts = [(name, title, section(results)) for name, title, section in SECTIONS]
    if baseline is not None:
        # What changed is what one who gives a baseline opens the page for: right after what was lost.
        parts.insert(1, ("baseline", "Against the baseline", page_items.against_baseline(baseline)))
    told = [(name, title, body) for name, title, body in parts if body is not None]
    body = tag(
        "body",
        _header(results),
        tag("nav", *(tag("a", title, href=f"#{name}") for name, title, _ in told), aria_label="sections"),
        tag("main", *(tag("section", tag("h2", title), body, id=name) for name, title, body in told)),
        tag("footer", tag("span"), tag("audio", controls=True, preload="none"), id="player", hidden=True),
        tag("script", trusted((_HERE / "page.js").read_text(encoding="utf-8"))),
    )
    return f"<!DOCTYPE html>\n{tag('html', _head(), body, lang='en')}\n"


def _head() -> Markup:
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        # Whatever a name holds, nothing is fetched and no script but the page's own runs.
        tag(
            "meta",
            http_equiv="Content-Security-Policy",
            content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; media-src file:",
        ),
        tag("title", "hemiola evaluate"),
        tag("style", trusted((_HERE / "page.css").read_text(encoding="utf-8"))),
    )


def _header(results: Results) -> Markup:
    run = results.run
    items = {(record.set, record.item) for record in results.records}
    sets = list(dict.fromkeys(record.set for record in results.records))
    audio_s = sum({(each.set, each.item): each.duration_s for each in results.records}.values())
    facts: list[tuple[str, Content]] = [
        ("sets", f"{', '.join(sets)}: {len(items)} items, {audio_s / 60:.1f} minutes" if items else "none"),
        ("when", run.started_at),
        ("command", tag("code", run.command) if run.command else None),
        ("seed", str(run.seed)),
        ("versions", ", ".join(f"{name} {version}" for name, version in run.versions.items())),
        ("settings", ", ".join(f"{name} {_plain(value)}" for name, value in run.settings.items())),
        ("overhead", f"{run.overhead:.4f} of real time" if run.overhead is not None else None),
    ]
    return tag(
        "header",
        tag("h1", "hemiola evaluate"),
        tag(
            "p",
            "Each figure stands with its 95 % interval, from resampling songs: what other songs of the kind may "
            "give. Recordings, human playing rendered by a machine, and generated material are never pooled. "
            "▸ marks the best of a row, † a system that may know the set (it is never marked best), "
            "– a system that does not answer the question.",
            class_="muted",
        ),
        _facts(facts),
        _notices([*run.notices, *results.told.notices]),
        tag("div", legend(results.systems), style="margin-top: 16px"),
    )


def _facts(facts: Sequence[tuple[str, Content]]) -> Markup:
    return tag(
        "dl", *(join([tag("dt", name), tag("dd", value)]) for name, value in facts if value), class_="facts"
    )


def _notices(notices: Sequence[str]) -> Markup | None:
    return tag("ul", *(tag("li", notice) for notice in notices), class_="note") if notices else None


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
