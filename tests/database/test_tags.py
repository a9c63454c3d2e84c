"""What a person gives a file and a plugin: tags, settings and ranks, kept through a loss of power."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from database.records import PluginSettings, Tag
from database.store import Store
from tests.database.examples import SHA, a_file, digest


@pytest.fixture
def marked(store: Store) -> Store:
    """One file with two tags."""
    store.put_file(a_file(), "/music/take.wav")
    assert store.put_tag(SHA, Tag.of("live"))
    assert store.put_tag(SHA, Tag.of("band=The Xs", "sidecar"))
    return store


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("live", "live", ""),
        ("band=X", "band", "X"),
        ("note=a=b", "note", "a=b"),
        ("year=1990", "year", "1990"),
    ],
)
def test_a_tag_is_a_word_or_a_pair_and_reads_as_it_was_written(text: str, key: str, value: str) -> None:
    tag = Tag.of(text)

    assert (tag.key, tag.value, tag.source, tag.text) == (key, value, "user", text)


@pytest.mark.parametrize("text", ["", "=X", "  ", " =X"])
def test_a_tag_without_a_key_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no tag: write a word such as live"):
        Tag.of(text)


def test_tags_come_back_in_the_order_of_their_keys_and_values(marked: Store) -> None:
    marked.put_tag(SHA, Tag.of("band=Another"))

    assert marked.tags(SHA) == [
        Tag("band", "Another", "user"),
        Tag("band", "The Xs", "sidecar"),
        Tag("live", "", "user"),
    ]


def test_a_file_that_is_not_there_cannot_be_marked(store: Store) -> None:
    assert store.put_tag(SHA, Tag.of("live")) is False
    assert store.remove_tag(SHA, "live") is False
    assert store.tags(SHA) == []


def test_a_tag_is_removed_by_key_and_value_and_no_longer_found(marked: Store) -> None:
    assert marked.remove_tag(SHA, "band", "") is False
    assert marked.remove_tag(SHA, "band", "The Xs") is True
    assert marked.remove_tag(SHA, "band", "The Xs") is False

    assert marked.tags(SHA) == [Tag("live")]
    assert marked.files("the xs").total == 0
    assert marked.files("live").total == 1


def test_a_tag_that_a_person_gave_stays_theirs(marked: Store) -> None:
    marked.put_tag(SHA, Tag.of("live", "auto"))
    marked.put_tag(SHA, Tag.of("band=The Xs", "user"))

    assert [tag.source for tag in marked.tags(SHA)] == ["user", "user"]


def test_the_list_and_a_single_file_carry_their_tags(marked: Store) -> None:
    marked.put_file(a_file(digest("other")), "/other.wav")

    other, listed = marked.files().items
    assert other.tags == ()
    assert listed.tags == (Tag("band", "The Xs", "sidecar"), Tag("live"))
    assert marked.listed(SHA) == listed


@pytest.mark.parametrize("query", ["live", "LIV", "band=the", "the xs", "band"])
def test_a_query_finds_any_stretch_of_a_tag(marked: Store, query: str) -> None:
    assert marked.files(query).total == 1


@pytest.mark.parametrize(("query", "count"), [("DJ", 1), ("ö", 1), ("Ö", 1), ("d", 0), ("jx", 0), ("7", 1)])
def test_a_short_query_is_compared_with_whole_keys_and_values(store: Store, query: str, count: int) -> None:
    store.put_file(a_file(), "/djx/7.wav")
    for text in ("dj", "note=Ö", "take=7"):
        store.put_tag(SHA, Tag.of(text))

    page = store.files(query)

    assert (len(page.items), page.total) == (count, count)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.text(st.characters(codec=None), min_size=1, max_size=12), value=st.text(max_size=12))
def test_any_tag_comes_back_equal_and_is_found_by_its_text(store: Store, key: str, value: str) -> None:
    store.put_file(a_file(), "/a.wav")
    tag = Tag(key, value)
    store.put_tag(SHA, tag)

    assert tag in store.tags(SHA)
    store.files(tag.text)
    assert store.remove_tag(SHA, key, value)
    assert store.tags(SHA) == []


def test_settings_and_ranks_are_kept_apart_and_replaced(store: Store) -> None:
    assert store.plugin_settings() == {}
    store.put_plugin_config("key.mine", '{"cents":5}')
    store.put_plugin_ranks({"key.mine": 1, "key.other": 2})
    assert store.plugin_settings() == {
        "key.mine": PluginSettings("key.mine", '{"cents":5}', 1),
        "key.other": PluginSettings("key.other", None, 2),
    }

    store.put_plugin_config("key.mine", None)
    store.put_plugin_ranks({"key.mine": 2, "key.other": None})

    assert store.plugin_settings() == {
        "key.mine": PluginSettings("key.mine", None, 2),
        "key.other": PluginSettings("key.other", None, None),
    }


@pytest.mark.parametrize(
    "change",
    [
        lambda store: store.put_tag(SHA, Tag.of("loud")),
        lambda store: store.remove_tag(SHA, "live"),
        lambda store: store.put_path(SHA, "/moved.wav"),
        lambda store: store.put_plugin_config("key.mine", "{}"),
        lambda store: store.put_plugin_ranks({"key.mine": 1}),
        lambda store: store.delete_file(SHA),
    ],
)
def test_what_a_person_changes_is_on_the_disk_when_the_call_returns(
    marked: Store, monkeypatch: pytest.MonkeyPatch, change: Callable[[Store], object]
) -> None:
    asked = []
    write = marked._writer.write

    def spy(*arguments: object, **named: object) -> object:
        asked.append(named)
        return write(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(marked._writer, "write", spy)
    change(marked)

    assert asked == [{"durable": True}]
