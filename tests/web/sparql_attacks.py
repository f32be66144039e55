"""Requests that mean harm, and how each may be answered."""

from __future__ import annotations

from urllib.parse import urlencode

from tests.web.endpoint import asking, plain, posting

FORM, DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"
ANY = "?s ?p ?o"
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
PATHS = "SELECT (COUNT(*) AS ?n) { ?a (tk:x|!tk:x)* ?b . ?b (tk:x|!tk:x)* ?c . ?c !tk:x ?d }"


REFUSED: list[tuple[str, str, int]] = [
    ("service", "SELECT * {{ SERVICE <{bait}> {{ ?s ?p ?o }} }}", 403),
    ("service nested", "SELECT * {{ {{ OPTIONAL {{ {{ SERVICE <{bait}> {{ ?s ?p ?o }} }} }} }} }}",
     403),
    ("service in odd case", "SELECT * {{ sErViCe <{bait}> {{ ?s ?p ?o }} }}", 403),
    ("service silent", "SELECT * {{ SERVICE SILENT <{bait}> {{ ?s ?p ?o }} }}", 403),
    ("service of a variable", "SELECT * {{ BIND(<{bait}> AS ?g) SERVICE ?g {{ ?s ?p ?o }} }}", 403),
    ("service in a sub-select", "SELECT * {{ {{ SELECT * {{ SERVICE <{bait}> {{}} }} }} }}", 403),
    ("service in exists", "ASK {{ FILTER EXISTS {{ SERVICE <{bait}> {{ ?s ?p ?o }} }} }}", 403),
    ("service in minus",
     "SELECT * {{ ?s ?p ?o MINUS {{ SERVICE <{bait}> {{ ?s ?p ?o }} }} }}", 403),
    ("service behind a string", "SELECT * {{ FILTER('}} #' = \"'\") SERVICE <{bait}> {{}} }}", 403),
    ("service behind a comment", "SELECT * {{ # '\n SERVICE # }}\n <{bait}> {{}} }}", 403),
    ("service behind less-than", "SELECT (?a<?b AS ?x) {{ SERVICE <{bait}> {{}} }}", 403),
    ("service by code points", "SELECT * {{ \\u0053ERVICE <{bait}> {{ ?s ?p ?o }} }}", 403),
    ("service in construct",
     "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ SERVICE <{bait}> {{ {any} }} }}", 403),
    ("load", "LOAD <{bait}>", 403),
    ("load silent into a graph", "LOAD SILENT <{bait}> INTO GRAPH <urn:g>", 403),
    ("insert", "PREFIX a: <urn:a> INSERT DATA {{ a:a a:b a:c }}", 403),
    ("delete", "DELETE WHERE {{ ?s ?p ?o }}", 403),
    ("an update behind a query", "ASK {{}} ; DROP ALL", 400),
    ("drop", "DROP ALL", 403),
    ("from", "SELECT * FROM <{bait}> {{ ?s ?p ?o }}", 403),
    ("from named", "SELECT * FROM NAMED <{bait}> {{ GRAPH ?g {{ ?s ?p ?o }} }}", 403),
    ("from a file", "SELECT * FROM <file:///etc/passwd> {{ ?s ?p ?o }}", 403),
    ("from by a prefix", "PREFIX b: <{bait}> SELECT * FROM b: {{ ?s ?p ?o }}", 403),
    ("from by a base", "BASE <{bait}> SELECT * FROM <x> {{ ?s ?p ?o }}", 403),
    ("describe from", "DESCRIBE <urn:a> FROM <{bait}>", 403),
    ("deep groups", "SELECT * " + "{{" * 5000 + "}}" * 5000, 413),
    ("deep brackets", "SELECT * {{ FILTER(" + "(" * 3000 + "1" + ")" * 3000 + ") }}", 413),
    ("deep lists", "SELECT * {{ ?s ?p " + "(" * 300 + ")" * 300 + " }}", 413),
    ("no SPARQL at all", "\x01\x02' OR 1=1 --", 400),
    ("a template of pages", "{{{{ config }}}}", 400),
    ("an unknown function", "SELECT * {{ FILTER(<urn:exec>('rm -rf /')) }}", 400),
    ("an endless name", "SELECT ?" + "x" * 99_000 + " {{", 400),
]  # fmt: skip


"""Queries refused as they stand: name, text with the bait's address left open, status."""

STOPPED: list[tuple[str, str, set[int]]] = [
    ("cross product", CROSS, {503}),
    ("paths over everything", PATHS, {503}),
    ("sorting a cross product", "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?a ?f", {503, 400}),
    ("distinct of a cross product",
     "SELECT (COUNT(DISTINCT *) AS ?n) { ?a ?b ?c . ?d ?e ?f }", {503, 400}),
    ("a heap of strings", ("SELECT (GROUP_CONCAT(?all) AS ?x) { { SELECT (GROUP_CONCAT(CONCAT("
     "STR(?c), STR(?f), STR(?a))) AS ?all) { ?a ?b ?c . ?d ?e ?f } } }"), {503, 400}),
    ("doubling strings", "SELECT ?z { BIND('0123456789' AS ?a0) " + " ".join(
        f"BIND(CONCAT(?a{n}, ?a{n}) AS ?a{n + 1})" for n in range(40)) + " BIND(?a40 AS ?z) }",
     {503, 400}),
    ("a regular expression of many ways",
     "ASK { FILTER(REGEX('" + "a" * 2000 + "b', '^(a|aa)+$')) ?a ?b ?c . ?d ?e ?f . ?g ?h ?i "
     "FILTER(?a = ?i && ?c = ?d && ?f = ?b && ?e = ?h) }", {200, 400, 503}),
    ("a filter over a cross product",
     "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STR(?a) = 'x') }", {200, 503}),
    ("not exists over everything",
     "SELECT * { ?a ?b ?c FILTER NOT EXISTS { ?d ?e ?f . ?g ?h ?i FILTER(?f = ?c + 1) } }", {503}),
    ("similarity of all pairs",
     ("SELECT (SUM(tk:similarity(?a, ?b)) AS ?n) { ?a a tk:Trial . ?b a tk:Trial . ?c ?d ?e . "
     "?f ?g ?h }"), {503}),
    ("many unions", "SELECT (COUNT(*) AS ?n) { ?x ?y ?z " + " ".join(
        "{ ?a ?b ?c } UNION { ?d ?e ?f }" for _ in range(40)) + " }", {503, 400}),
    ("a long chain of or", "ASK { FILTER(" + " || ".join(["1 = 2"] * 8000) + ") }",
     {200, 400, 503}),
    ("a long chain of not", "ASK { FILTER(" + "!" * 50_000 + "true) }", {200, 400, 503}),
    ("a prefix that might begin anywhere", "a-" * 50_000, {400, 503}),
    ("a number, a name, a number", "1.e" * 33_000, {400, 503}),
    ("strings that do not end", '"\\' * 50_000, {400, 503}),
    ("long strings that do not end", "\\'''\n" * 20_000, {400, 503}),
    ("a long path", "ASK { ?a " + "/".join(["!<>"] * 3000) + " ?b }", {200, 400, 503}),
]  # fmt: skip
"""Queries that run and take too much: name, text, statuses."""

ODD: list[tuple[str, bytes, set[int]]] = [
    ("20 MB in a form", posting(b"query=" + b"x" * 20_000_000, FORM), {413}),
    ("20 MB in a query", posting(b"#" * 20_000_000, DIRECT), {413}),
    ("a length that lies", posting(b"ASK {}", DIRECT, "Content-Length: 5"), {0, 400}),
    ("a length that is none", (b"POST /sparql HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
     b"Content-Type: application/sparql-query\r\nContent-Length: -1\r\n\r\nASK {}"), {400, 411}),
    ("two ways of length", posting(b"6\r\nASK {}\r\n0\r\n\r\n", DIRECT,
                                   "Transfer-Encoding: chunked"), {200, 400}),
    ("a coding nobody knows", posting(b"ASK {}", DIRECT, "Transfer-Encoding: x"), {400, 501}),
    ("a line break in a header", asking("ASK {}", "X-A: b\nSet-Cookie: c=d"), {200, 400}),
    ("a break in an address", plain("/sparql?query=ASK%20%7B%7D%0d%0aX-Evil:%201"), {200, 400}),
    ("a null byte", plain("/sparql?query=ASK%20%7B%7D%00"), {400}),
    ("endless headers", asking("ASK {}", "X-A: " + "a" * 400_000), {431}),
    ("a thousand headers", asking("ASK {}", *[f"X-{n}: {n}" for n in range(2_000)]),
     {200, 431}),
    ("an odd Accept", asking("ASK {}", "Accept: " + "a/b;q=0.1," * 5_000), {406}),
    ("a tag of everything", asking("ASK {}", 'If-None-Match: ' + '"x",' * 9_000 + '*'), {200, 304}),
    ("an odd host", plain("/sparql", host="<script>"),
     {200, 400}),
    ("an odd method", plain("/sparql", "BREW"), {405, 501}),
    ("a proxy's method", plain("127.0.0.1:9", "CONNECT"),
     {400, 404, 405}),
    ("another's address", plain("http://127.0.0.1:9/"), {200, 400, 404}),
    ("path traversal", plain("/static/../../../etc/passwd"), {400, 404}),
    ("path traversal, encoded", plain("/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd"), {400, 404}),
    ("path traversal behind the endpoint", plain("/sparql/../../etc/passwd"), {400, 404}),
    ("a form of thousands", posting("&".join(f"a{n}=1" for n in range(50_000)).encode(), FORM),
     {400, 413}),
    ("a thousand graphs", posting(urlencode({"query": "ASK {}", "default-graph-uri": [
        f"https://w3id.org/trialkin/graph/{n}" for n in range(1000)]}, True).encode(), FORM),
     {413}),
    ("a form that is binary", posting(bytes(range(256)) * 40, FORM), {400, 403}),
    ("a multipart form without its end", posting(b"--x\r\nContent-Disposition: form-data; name=q",
                                                 "multipart/form-data; boundary=x"), {400}),
    ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", {0, 400}),
]  # fmt: skip
"""Requests as bytes: name, bytes, statuses; 0 is a connection that is closed."""
