"""One address of every type of page, over the hand-written records."""

from __future__ import annotations

from tests.web.records import ABSENT, ADIPOSE, FULL, HOSTILE

_COUNTED = "SELECT+?s+(COUNT(?t)+AS+?n)+WHERE+{+?t+tk:cellSource+?s+}+GROUP+BY+?s"
PATHS = (
    "",
    "search?q=systemic+sclerosis",
    "search?condition=autoimmune+disease&n_from=1",
    "search?q=zzzz",
    f"trial/{FULL}",
    f"trial/{HOSTILE}",
    f"trial/{FULL}/kin?expected={HOSTILE}&w_route=2",
    f"trial/{FULL}/graph",
    f"compare?nct_id={FULL}&nct_id={ADIPOSE}",
    f"compare?nct_id={FULL}&nct_id={ADIPOSE}&nct_id={HOSTILE}",
    f"evidence?kin_of={FULL}&columns=all",
    "concept/",
    "concept/conditions",
    "concept/conditions/systemic_sclerosis",
    "concept/conditions/systemic_sclerosis/timeline",
    "atlas",
    "text?example=yes",
    "changes",
    f"trial/{FULL}/history",
    "sparql",
    "sparql?example=cell_sources",
    "sparql?query=SELECT+*+WHERE+{+?a+nope:x+?b+}",
    f"sparql?query={_COUNTED}#view-chart",
    f"changes?watch={FULL}",
    "changes?q=sclerosis",
    "about",
    "ontology",
    f"trial/{ABSENT}",
)
