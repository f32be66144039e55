"""Take pictures of every type of page, at two widths, light and dark.

Run as ``python -m tests.browser.screenshots OUT --store STORE [--trial NCT04356287]``.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, sync_playwright

from tests.browser.serving import launch, serving

SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
SCHEMES = ("light", "dark")
_QUERY = """SELECT ?trial ?title ?score ?reason
WHERE {
  ?link tk:from trial:%s ; tk:to ?trial ; tk:score ?score ; tk:reason ?reason .
  ?trial tk:briefTitle ?title .
}
ORDER BY DESC(?score) LIMIT 12"""


_YEARS = """SELECT ?year ?donor (COUNT(DISTINCT ?trial) AS ?trials)
WHERE {
  ?trial tk:donor ?d ; tk:startDate ?start .
  ?d skos:prefLabel ?donor .
  BIND(SUBSTR(STR(?start), 1, 4) AS ?year)
}
GROUP BY ?year ?donor ORDER BY ?year"""
_SOURCES = """SELECT ?source ?label (COUNT(DISTINCT ?trial) AS ?trials)
WHERE { ?trial tk:cellSource ?source . ?source skos:prefLabel ?label }
GROUP BY ?source ?label ORDER BY DESC(?trials)"""
_GRAPH = """CONSTRUCT { ?trial tk:condition ?condition ; tk:route ?route }
WHERE {
  ?link tk:from trial:%s ; tk:to ?trial .
  ?trial tk:condition ?condition ; tk:route ?route .
}"""
_PLACES = """SELECT ?country ?lat ?long (COUNT(DISTINCT ?trial) AS ?trials)
WHERE {
  VALUES (?country ?lat ?long) {
    ("China" 35.9 104.2) ("United States" 39.8 -98.6) ("Spain" 40.2 -3.6) ("Iran" 32.4 53.7)
    ("Jordan" 31.3 36.4) ("Korea, Republic of" 36.4 127.9) ("Brazil" -10.8 -52.9)
  }
  ?trial tk:country ?place . ?place rdfs:label ?country .
}
GROUP BY ?country ?lat ?long"""
_DIFFERENCES = """SELECT ?label ?kind ?change WHERE {
  VALUES (?label ?kind ?change) {
    ("bone marrow" "more" 12) ("bone marrow" "fewer" -4) ("umbilical cord" "more" 20)
    ("adipose tissue" "fewer" -9) ("placenta" "more" 2)
  }
}"""
_WRONG = "SELECT *\nWHERE { ?trial tkk:kin ?kin }"


def pages(nct_id: str, kin: str) -> dict[str, str]:
    """Return the name and the path of each type of page."""
    return {
        "start": "",
        "search": "search?q=systemic+sclerosis",
        "trial": f"trial/{nct_id}",
        "kin": f"trial/{nct_id}/kin?w_route=2&expected=NCT02034188",
        "graph": f"trial/{nct_id}/graph",
        "compare": f"compare?nct_id={nct_id}&nct_id={kin}",
        "evidence": f"evidence?kin_of={nct_id}",
        "concepts": "concept/",
        "scheme": "concept/conditions",
        "concept": "concept/conditions/systemic_sclerosis",
        "timeline": "concept/conditions/multiple_sclerosis/timeline",
        "atlas": "atlas",
        "text": "text?example=yes",
        "sparql": f"sparql?query={quote(_QUERY % nct_id)}",
        "sparql_bars": f"sparql?query={quote(_SOURCES)}#view-chart",
        "sparql_lines": f"sparql?query={quote(_YEARS)}#view-chart",
        "sparql_graph": f"sparql?query={quote(_GRAPH % nct_id)}#view-graph",
        "sparql_map": f"sparql?query={quote(_PLACES)}#view-map",
        "sparql_negative": f"sparql?query={quote(_DIFFERENCES)}#view-chart",
        "sparql_error": f"sparql?query={quote(_WRONG)}",
        "changes": "changes",
        "watching": f"changes?watch={nct_id}",
        "saved_search": "changes?q=stem+cells",
        "history": f"trial/{nct_id}/history",
        "about": "about",
        "ontology": "ontology",
        "api": "api",
        "missing": "trial/NCT04356288",
    }


def settle(page: Page, name: str) -> None:
    """Wait for what scripts draw, and let the page for texts show an answer."""
    if name in ("atlas", "graph"):
        page.locator(f"#{name}[data-ready]").wait_for()
        page.wait_for_timeout(400)
    if name.startswith("sparql"):
        page.locator(".mount[data-ready]").wait_for()
        page.wait_for_timeout(600)  # the way to the view
    if name == "sparql_graph":
        page.locator("#view-graph[data-ready=yes]").wait_for()
        page.wait_for_timeout(900)
    if name == "text":
        page.get_by_role("button", name="Find kin").click()
        page.locator(".marked-text").wait_for()


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--trial", default="NCT04356287")
    parser.add_argument("--kin", default="NCT05016804")
    parser.add_argument("--whole", action="store_true", help="the whole page, not the first screen")
    parser.add_argument("--schemes", default=",".join(SCHEMES), help="light, dark or both")
    parser.add_argument("--sizes", default=",".join(SIZES), help="desktop, phone or both")
    parser.add_argument("--only", default="", help="names of pages, by commas")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    only = set(filter(None, asked.only.split(",")))
    with serving(asked.store) as address, sync_playwright() as playwright:
        browser = launch(playwright)
        for size in asked.sizes.split(","):
            width, height = SIZES[size]
            for scheme in asked.schemes.split(","):
                context = browser.new_context(
                    viewport={"width": width, "height": height},
                    color_scheme=scheme,  # type: ignore[arg-type]
                    device_scale_factor=1,
                )
                page = context.new_page()
                for name, path in pages(asked.trial, asked.kin).items():
                    if not only or name in only:
                        page.goto(address + path)
                        settle(page, name)
                        target = asked.out / f"{name}-{size}-{scheme}.png"
                        page.screenshot(path=target, full_page=asked.whole)
                context.close()
        browser.close()


if __name__ == "__main__":
    main()
