"""What a query may do is told from its tokens: words in strings and names are no keywords."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.sparql.policy import MAX_NESTING, MAX_QUERY_CHARACTERS, check_query
from ontology.errors import QueryRefusedError, QueryTooLargeError

ALLOWED = [
    ("SELECT * { ?s ?p ?o }", "SELECT"),
    ("# SERVICE\nask { ?s ?p 'SERVICE <http://x>' }", "ASK"),
    ('SELECT * { ?s ?p """ a " SERVICE """ }', "SELECT"),
    ("SELECT * { ?s ?p '''it's FROM''' }", "SELECT"),
    ("SELECT ?service ?from { ?service <http://x/FROM> ?from }", "SELECT"),
    (
        "PREFIX from: <http://x/> CONSTRUCT { from:a from:SERVICE 'x'@service } WHERE {}",
        "CONSTRUCT",
    ),
    ("PREFIX load: <http://x/> DESCRIBE load:me", "DESCRIBE"),
    ("SELECT * { FILTER(?a<?b && ?c>?d) }", "SELECT"),
    ("SELECT (REPLACE(?x, 'a', 'b') AS ?y) { ?s ?p ?x }", "SELECT"),
    ("SELECT * { ?s ?p 'insert' . ?s tk:load ?o }", "SELECT"),
]
REFUSED = [
    "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    "SELECT * { sErViCe <http://127.0.0.1/> { ?s ?p ?o } }",
    "SELECT * { SERVICE SILENT <http://127.0.0.1/> { ?s ?p ?o } }",
    "SELECT * { { { OPTIONAL { SERVICE ?g { ?s ?p ?o } } } } }",
    "SELECT * { FILTER EXISTS { SERVICE<http://127.0.0.1/>{ ?s ?p ?o } } }",
    "SELECT * { { SELECT * { SERVICE <http://127.0.0.1/> {} } } }",
    "SELECT (?a<?b AS ?x) { SERVICE?g{ ?s ?p ?o } }",
    "SELECT * { ?s ?p 'x' }#\nSERVICE",
    "SELECT * FROM <http://127.0.0.1/> { ?s ?p ?o }",
    "SELECT * from named <http://127.0.0.1/> { ?s ?p ?o }",
    "DESCRIBE <http://x> FROM <http://y>",
    "LOAD <http://127.0.0.1/>",
    "INSERT DATA { <http://x> <http://y> <http://z> }",
    "PREFIX a: <http://x> DELETE WHERE { ?s ?p ?o }",
    "CLEAR ALL",
    "WITH <http://x> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    r"ASK { \u0053ERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    r"""ASK { FILTER("\u0022" = "x") SERVICE <http://127.0.0.1/> {} FILTER("" = "\u0022") }""",
]


@pytest.mark.parametrize(("query", "form"), ALLOWED)
def test_words_that_are_no_keywords_are_allowed(query: str, form: str) -> None:
    assert check_query(query).form == form


@pytest.mark.parametrize("query", REFUSED)
def test_what_reaches_out_or_changes_is_refused(query: str) -> None:
    with pytest.raises(QueryRefusedError, match=r"not allowed|only answers queries"):
        check_query(query)


def test_a_refusal_says_where() -> None:
    with pytest.raises(QueryRefusedError, match="line 3, column 3"):
        check_query("SELECT *\n{\n  SERVICE <http://x> {} }")


OWN = "https://w3id.org/trialkin/graph/"


@pytest.mark.parametrize(
    ("clauses", "defaults", "named"),
    [
        (f"FROM <{OWN}kin>", ["kin"], []),
        (f"from <{OWN}kin> FrOm nAmEd <{OWN}runs>", ["kin"], ["runs"]),
        (f"FROM NAMED <{OWN}trial/NCT04356287>", [], ["trial/NCT04356287"]),
        (r"FROM <https://w3id.org/trialkin/gr\u0061ph/kin>", ["kin"], []),
    ],
)
def test_graphs_of_ours_may_be_named(clauses: str, defaults: list[str], named: list[str]) -> None:
    found = check_query(f"SELECT * {clauses} WHERE {{ ?s ?p ?o }}").dataset
    assert list(found.default_graphs) == [OWN + name for name in defaults]
    assert list(found.named_graphs) == [OWN + name for name in named]


def test_graph_names_are_resolved_as_the_query_writes_them() -> None:
    found = check_query(f"PREFIX g: <{OWN}> SELECT * FROM g:kin {{ ?s ?p ?o }}").dataset
    assert found.default_graphs == (f"{OWN}kin",)
    found = check_query(f"BASE <{OWN}> ASK FROM <kin> {{ ?s ?p ?o }}").dataset
    assert found.default_graphs == (f"{OWN}kin",)
    with pytest.raises(QueryRefusedError, match="no graph of this endpoint"):
        check_query(f"PREFIX g: <http://127.0.0.1/> SELECT * FROM g:{OWN} {{ ?s ?p ?o }}")
    with pytest.raises(QueryRefusedError, match="no graph of this endpoint"):
        check_query(f"SELECT * FROM <{OWN}kin> FROM NAMED <file:///etc/passwd> {{ ?s ?p ?o }}")


def test_from_in_a_query_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(QueryRefusedError, match="FROM is not allowed"):
        check_query(f"SELECT * {{ ?s ?p ?o {{| ?a ?b |}} }} FROM <{OWN}kin>")


@pytest.mark.parametrize(
    ("expression", "volatile"),
    [("NOW()", True), ("rand()", True), ("StrUUID()", True), ("1", False), ("'NOW()'", False)],
)
def test_queries_that_answer_otherwise_each_time_are_known(expression: str, volatile: bool) -> None:
    assert check_query(f"SELECT ({expression} AS ?x) {{}}").volatile is volatile


def test_long_and_deep_queries_are_refused() -> None:
    with pytest.raises(QueryTooLargeError, match="characters"):
        check_query("#" * (MAX_QUERY_CHARACTERS + 1))
    with pytest.raises(QueryTooLargeError, match="brackets deep"):
        check_query("SELECT * " + "{" * (MAX_NESTING + 1) + "}" * (MAX_NESTING + 1))


_BLANK = st.sampled_from([" ", "\n", "\t", " # note\n", ""])
_AROUND = st.sampled_from(["?s ?p ?o .", "?s ?p '}' .", '?s ?p """ " """ .', "FILTER(?a<?b)", ""])


@given(
    st.lists(st.booleans(), min_size=7, max_size=7),
    st.integers(0, 20),
    _BLANK,
    _AROUND,
    st.sampled_from(["<http://127.0.0.1/>", "?g", "SILENT ?g"]),
)
def test_service_is_found_in_any_case_depth_and_place(
    upper: list[bool], depth: int, blank: str, around: str, endpoint: str
) -> None:
    word = "".join(
        letter.upper() if up else letter for letter, up in zip("service", upper, strict=True)
    )
    inner = f"{around} {word}{blank or ' '}{endpoint}{blank}{{ {around} }} {around}"
    with pytest.raises(QueryRefusedError):
        check_query(f"SELECT * {'{ ' * (depth + 1)}{inner}{' }' * (depth + 1)}")


@given(st.text(max_size=200))
def test_no_text_is_an_error_of_ours(text: str) -> None:
    with contextlib.suppress(QueryRefusedError, QueryTooLargeError):
        assert check_query(text).form in ("", "SELECT", "ASK", "CONSTRUCT", "DESCRIBE")


@pytest.mark.parametrize("quote", ["'", '"', "'''", '"""'])
def test_a_string_that_does_not_end_hides_nothing(quote: str) -> None:
    with pytest.raises(QueryRefusedError, match="SERVICE"):
        check_query(f"ASK {{ ?s ?p {quote}x . SERVICE <http://x/> {{ ?s ?p ?o }} }}")
    check_query(f"ASK {{ ?s ?p {quote}x . SERVICE <http://x/>{quote} }}")


def test_a_long_prefix_hides_nothing() -> None:
    with pytest.raises(QueryRefusedError, match="SERVICE"):
        check_query(f"ASK {{ SERVICE {'a' * 500}:b {{ ?s ?p ?o }} }}")
    check_query(f"PREFIX {'a' * 500}: <http://x/> ASK {{ ?s {'a' * 500}:service ?o }}")
