"""Take pictures of every type of page, at two widths, light and dark.

Run as ``python -m tests.browser.screenshots OUT --store STORE [--trial NCT04356287]``.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import sync_playwright

from tests.browser.serving import launch, serving

SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
SCHEMES = ("light", "dark")
_QUERY = """SELECT ?trial ?title ?score ?reason
WHERE {
  ?link tk:from trial:%s ; tk:to ?trial ; tk:score ?score ; tk:reason ?reason .
  ?trial tk:briefTitle ?title .
}
ORDER BY DESC(?score) LIMIT 12"""


def pages(nct_id: str, kin: str) -> dict[str, str]:
    """Return the name and the path of each type of page."""
    return {
        "start": "",
        "search": "search?q=systemic+sclerosis",
        "trial": f"trial/{nct_id}",
        "compare": f"compare?nct_id={nct_id}&nct_id={kin}",
        "sparql": f"sparql?query={quote(_QUERY % nct_id)}",
        "about": "about",
        "missing": "trial/NCT04356288",
    }


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--trial", default="NCT04356287")
    parser.add_argument("--kin", default="NCT05016804")
    parser.add_argument("--whole", action="store_true", help="the whole page, not the first screen")
    parser.add_argument("--only", default="", help="names of pages, by commas")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    only = set(filter(None, asked.only.split(",")))
    with serving(asked.store) as address, sync_playwright() as playwright:
        browser = launch(playwright)
        for size, (width, height) in SIZES.items():
            for scheme in SCHEMES:
                context = browser.new_context(
                    viewport={"width": width, "height": height},
                    color_scheme=scheme,  # type: ignore[arg-type]
                    device_scale_factor=1,
                )
                page = context.new_page()
                for name, path in pages(asked.trial, asked.kin).items():
                    if not only or name in only:
                        page.goto(address + path)
                        target = asked.out / f"{name}-{size}-{scheme}.png"
                        page.screenshot(path=target, full_page=asked.whole)
                context.close()
        browser.close()


if __name__ == "__main__":
    main()
