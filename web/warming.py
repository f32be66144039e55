"""What the first reader would else wait for, made ready beside the first answers."""

from __future__ import annotations

from flask import Flask

from kg.sparql.examples import query_examples
from kg.sparql.keeping import KeepingQueries
from web.atlas import prepare_atlas
from web.overview import overview
from web.served import Served
from web.understanding import understand


def prepare_pages(app: Flask, served: Served) -> None:
    """Compile the templates, and make what the start page, a search and the atlas rest on.

    Without it the first reader of a start page, a search or a trial waits 0.2 to 0.3 s, nearly
    all of it for templates. Last come the answers to the queries that come with TrialKin: those
    that count over the whole graph take seconds in a large one.

    Parameters
    ----------
    app : Flask
    served : Served
        A generation that was opened just now; of a later one only its own things are made.
    """
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)  # compiled once, then kept
    understand("")  # reads the names of all concepts
    overview(served)
    prepare_atlas(served)
    if isinstance(served.queries, KeepingQueries):
        served.queries.prepare(example.text for example in query_examples())
