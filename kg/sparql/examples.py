"""Example queries: the ``.rq`` files of `kg.queries`, with title, theme, comment and form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from kg.sparql.policy import check_query


@dataclass(frozen=True, slots=True)
class QueryExample:
    """One example.

    Attributes
    ----------
    name : str
        Its file's, without ending.
    title, theme : str
    comment : str
        What the answer holds, for those who choose among the examples. What follows an empty
        comment line says how the query is written, and stays in `text` alone.
    text : str
        The whole file.
    form : str
        That of the query, such as ``SELECT``.
    """

    name: str
    title: str
    theme: str
    comment: str
    text: str
    form: str


@cache
def query_examples() -> tuple[QueryExample, ...]:
    """Return all examples, by theme, then by title."""
    found = [_read(name, text) for name, text in _texts().items()]
    return tuple(sorted(found, key=lambda example: (example.theme, example.title)))


@cache
def example_texts() -> frozenset[str]:
    """Return the texts of all examples: quicker where nothing else of them is needed."""
    return frozenset(text.strip() for text in _texts().values())


def query_example(name: str) -> QueryExample | None:
    """Return the example of a name, None if there is none."""
    return next((example for example in query_examples() if example.name == name), None)


@cache
def _texts() -> dict[str, str]:
    return {
        entry.name.removesuffix(".rq"): entry.read_text("utf-8")
        for entry in files("kg.queries").iterdir()
        if entry.name.endswith(".rq")
    }


def _read(name: str, text: str) -> QueryExample:
    fields = {"title": name.replace("_", " ").capitalize(), "theme": "Other"}
    comment = []
    for line in text.splitlines():
        if not line.startswith("#") or line.strip() == "#":
            break
        said = line.removeprefix("#").strip()
        key, colon, value = said.partition(":")
        if colon and key in fields:
            fields[key] = value.strip()
        else:
            comment.append(said)
    text = text.strip()
    comment_text, form = " ".join(comment), check_query(text).form
    return QueryExample(name, fields["title"], fields["theme"], comment_text, text, form)
