"""The event stream as commands read it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cli.stream import Message, messages

LINE = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=20)


def test_events_are_told_apart_by_empty_lines() -> None:
    lines = [
        ": ping",
        "",
        "event: job",
        "data: {}",
        "",
        "id: 4",
        "data:a",
        "data:  b",
        "retry: 9",
        "",
        "data: cut",
    ]
    assert list(messages(lines)) == [Message("job", "{}", None), Message("message", "a\n b", "4")]


@given(
    st.lists(st.tuples(st.from_regex("[a-z]{1,8}", fullmatch=True), st.lists(LINE, min_size=1, max_size=3)))
)
def test_whatever_is_sent_arrives(sent: list[tuple[str, list[str]]]) -> None:
    lines: list[str] = []
    for name, data in sent:
        lines += [f"event: {name}", *(f"data: {line}" for line in data), ""]
    assert [(one.name, one.data) for one in messages(lines)] == [
        (name, "\n".join(data)) for name, data in sent
    ]


@given(st.lists(st.one_of(LINE, st.sampled_from(["", "data", "data:", "event: ", "id:"]))))
def test_no_line_is_an_error(lines: list[str]) -> None:
    assert all(isinstance(one, Message) for one in messages(lines))
