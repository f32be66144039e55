"""What an address asks for and a page cannot give is said, with the nearest that it can."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from kg.search_words import DoubtfulWord
from tests.web.reading import read_page, words_of
from tests.web.records import ADIPOSE, FULL
from web.did_you_mean import doubt


def near(page: object) -> list[tuple[str, str]]:
    return [(a.text, a["href"]) for a in page.select(".ignored a")]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("query", "said", "meant"),
    [
        ("cuntry=Canada", "Left out: cuntry=Canada (there is no such parameter)", "country"),
        ("Query=knee", "Left out: Query=knee (there is no such parameter)", "q"),
        ("year=2020", "Left out: year=2020", "year_from"),
        ("sort=updatd", "sort=updatd (there is no such order)", "Last update"),
        (
            "country=Canda",
            "Finds nothing: country=Canda (no trial here has it as country)",
            "Canada",
        ),
        ("country=canada", "country=canada", "Canada"),
        ("condition=SSc", "no trial here has it as condition", "systemic sclerosis"),
        ("route=intravenus", "no trial here has it as route", "intravenous"),
        ("status=recruting", "no trial here has it as status", "Recruiting"),
        ("n_from=50&n_to=1", "n_from=50, n_to=1 (the least is above the most)", "1 to 50"),
    ],
)
def test_a_search_says_what_it_left_out(
    client: FlaskClient, query: str, said: str, meant: str
) -> None:
    page = read_page(client, f"/search?{query}")
    assert said in words_of(page, ".ignored")
    links = dict(near(page))
    assert meant in links
    followed = read_page(client, links[meant])
    assert followed.select(".ignored") == []
    assert followed.select(".card")


def test_what_was_left_out_keeps_the_rest_of_the_address(client: FlaskClient) -> None:
    page = read_page(client, "/search?q=knee&status=RECRUITING&status=COMPLETD&page=2")
    links = dict(near(page))
    assert links["Completed"] == "/search?q=knee&status=RECRUITING&status=COMPLETED"


@pytest.mark.parametrize("query", ["page=x", "n_from=ten", "year_to=soon", "n_from=-3"])
def test_numbers_that_are_none_are_named(client: FlaskClient, query: str) -> None:
    assert f"{query} (that is no number)" in words_of(
        read_page(client, f"/search?{query}"), ".ignored"
    )


@pytest.mark.parametrize(
    "path",
    [
        "/search?q=knee&status=RECRUITING&n_from=2&n_to=&year_from=2000&sort=size&page=1",
        "/search?words=only&q=knee&results=yes",
        f"/trial/{FULL}/kin?k=30&w_words=0.5&status=RECRUITING&expected=NCT1",
        f"/evidence?kin_of={FULL}&k=5&w_words=2&columns=n,dose",
        "/evidence?q=knee&columns=all&page=2",
        f"/evidence?nct_id={FULL}",
        f"/compare?nct_id={FULL}&rows=differing",
    ],
)
def test_nothing_is_said_of_what_is_understood(client: FlaskClient, path: str) -> None:
    assert read_page(client, path).select(".ignored") == []


def test_kin_evidence_and_comparison_say_it_too(client: FlaskClient) -> None:
    kin = read_page(client, f"/trial/{FULL}/kin?w_condtion=2&k=many")
    assert "w_condtion=2" in words_of(kin, ".ignored")
    assert "k=many (that is no number)" in words_of(kin, ".ignored")
    assert ("w_condition", f"/trial/{FULL}/kin?k=many&w_condition=2") in near(kin)
    evidence = read_page(client, f"/evidence?nct_id={FULL}&columns=n,nonsense&q=knee")
    said = words_of(evidence, ".ignored")
    assert "columns=nonsense (there is no such column)" in said
    assert "q=knee" in said  # named trials are not searched
    compared = read_page(client, f"/compare?nct_id={FULL}&ncts={FULL}")
    assert f"ncts={FULL}" in words_of(compared, ".ignored")


@pytest.mark.parametrize(
    ("path", "left_out", "empty"),
    [
        ("/search.csv?cuntry=Canada&q=knee", "cuntry", None),
        ("/search.csv?all=yes&q=knee&%C3%A9=1", "%C3%A9", None),
        ("/evidence.csv?colums=n&page=x", "colums, page", None),
        (f"/evidence.xlsx?nct_id={FULL}&x=1", "x", None),
        (f"/trial/{FULL}/kin.csv?k=3&country=Canda", None, "country"),
        ("/search.csv?q=knee&n_from=50&n_to=1&x=1", "x", "n_from"),
        (f"/compare.csv?nct_id={FULL}&x=1", "x", None),
        ("/search.csv?q=knee", None, None),
    ],
)
def test_files_name_it_in_their_headers(
    client: FlaskClient, path: str, left_out: str | None, empty: str | None
) -> None:
    headers = client.get(path).headers
    assert headers.get("TrialKin-Ignored") == left_out
    assert headers.get("TrialKin-Finds-Nothing") == empty


def test_hostile_parameters_are_shown_inert_and_cut(client: FlaskClient) -> None:
    query = {"<script>alert(1)</script>": "x" * 5000, "sort": "<b>", "country": '"><img src=x>'}
    for path in ("/search", f"/trial/{FULL}/kin", "/evidence", "/compare"):
        response = client.get(path, query_string=query, headers={"Accept": "text/html"})
        assert response.status_code == 200
        assert "<script>alert" not in response.text
        assert "<img src=x" not in response.text
        said = words_of(read_page(client, f"{path}?{urlencode(query)}"), ".ignored")
        assert "x" * 200 not in said
    many = {f"p{number}": "1" for number in range(500)}
    assert len(read_page(client, f"/search?{'&'.join(many)}").select(".ignored p")) == 8


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("scelroderma", ["scleroderma"]),
        ("umbilcal cord knee", ["umbilical cord knee"]),
        ("umbilcal intrvenous", ["umbilical intravenous"]),
    ],
)
def test_a_misspelt_search_is_answered_with_what_was_meant(
    client: FlaskClient, typed: str, meant: list[str]
) -> None:
    page = read_page(client, f"/search?q={typed}")
    notice = next(one for one in page.select(".notice") if "Did you mean" in one.text)
    assert [a.text for a in notice.select("a")] == meant
    followed = read_page(client, notice.a["href"])
    assert followed.select(".card")
    assert "Did you mean" not in followed.select_one("main").text


def test_a_word_that_nobody_uses_is_said_to_be_unknown(client: FlaskClient) -> None:
    page = read_page(client, "/search?q=knee zzqqz")
    said = words_of(page, ".notice")
    assert "No trial here has the word “ zzqqz ”" in said
    assert "Did you mean" not in said


def test_it_is_said_when_no_trial_has_all_words(client: FlaskClient) -> None:
    assert "No trial has all of these words" in read_page(client, "/search?q=knee hostile").text
    assert "No trial has all of these words" not in read_page(client, "/search?q=knee").text


def test_of_several_words_the_one_that_names_something_was_meant() -> None:
    def records(*near: str) -> Any:
        return SimpleNamespace(doubtful_words=lambda _: [DoubtfulWord("sistemic", 0, near)])

    typed = "sistemic sclerosis"
    assert doubt(records("stem", "systemic", "site"), typed).meant == ("systemic sclerosis",)
    assert doubt(records("stem", "site"), typed).meant == ("stem sclerosis", "site sclerosis")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("sclerosis NOT autologous", ["NOT"]),
        ("knee OR hip OR -autologous", ["OR", "-autologous"]),
        ("knee or hip, cord-derived -80 not NOTCH", []),
    ],
)
def test_a_search_says_that_it_leaves_no_word_out(
    client: FlaskClient, typed: str, said: list[str]
) -> None:
    page = read_page(client, f"/search?{urlencode({'q': typed})}")
    assert [code.text for code in page.select(".notice code")] == said
    assert ("leaves no word out" in page.text) == bool(said)


def test_a_phase_among_the_words_is_offered_as_a_filter(client: FlaskClient) -> None:
    page = read_page(client, "/search?q=sclerosis phase II")
    link = next(a for a in page.select(".understood a") if "phase 2" in a.text)
    assert link.text == "sclerosis, phase 2"
    assert link["href"] == "/search?q=sclerosis&phase=PHASE2"
    followed = read_page(client, link["href"])
    assert {FULL, ADIPOSE} == {one.text for one in followed.select(".card .nct")}
    for words in ("sclerosis", "sclerosis phase 1/2", "phase 2 sclerosis&phase=PHASE2"):
        assert "Few texts name" not in read_page(client, f"/search?q={words}").text


def test_a_mistyped_id_leads_to_the_trial(client: FlaskClient) -> None:
    page = read_page(client, f"/search?q={FULL.lower()[:-1]}")
    said = words_of(page, ".notice")
    assert "An NCT id has eight digits." in said
    assert f"/trial/{FULL}" in [a["href"] for a in page.select(".notice a")]
    assert "No trial here has the word" not in page.text
    assert "more general words" not in page.text
    assert "more general words" in read_page(client, "/search?q=zzqqz").text
    assert "eight digits" not in read_page(client, "/search?q=nct").text
