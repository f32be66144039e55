"""What the store's parser says of a wrong query, cut down to what helps to mend it."""

from __future__ import annotations

import itertools
import re

from kg.sparql.outlines import NotOutlinedError
from kg.sparql.syntax import outline
from kg.sparql.tokens import Token, place_of, tokens_of
from ontology.errors import QuerySyntaxError
from ontology.vocabulary import PREFIXES

_PLACE = re.compile(r"error at (\d+):(\d+): expected(?: one of)? (.*)", re.DOTALL)
_SENTENCE = re.compile(r"(?:^|, )([A-Z][a-z]+ [^,\[\]]+|The [^,\[\]]+)")
_SHOWN = 40


def syntax_error(query: str, said: str) -> QuerySyntaxError:
    """Return the error to show for a query that cannot be parsed.

    Parameters
    ----------
    query : str
    said : str
        The parser's own message: a place, then everything that could have stood there, which
        runs to a dozen lines of character classes.
    """
    declared = _declared(query)
    for token in tokens_of(query):
        prefix = token.text.partition(":")[0]
        if token.kind == "name" and prefix != "_" and prefix not in declared:
            return _error(query, token, f"the prefix {prefix + ':'!r} is not declared")
    try:
        outline(query)
    except NotOutlinedError as error:
        if error.token is not None:
            return _error(query, error.token, f"unexpected {_shown(error.token)}")
    found = _PLACE.match(said)
    if found is None:
        return QuerySyntaxError(f"The query is not SPARQL: {_first_line(said)}.")
    line, column = int(found[1]), int(found[2])
    sentence = _SENTENCE.search(found[3])
    if sentence is None and (line, column) >= place_of(query, len(query.rstrip())):
        message = f"The query is not SPARQL: it ends too early, at line {line}, column {column}."
        return QuerySyntaxError(message, line=line, column=column)
    message = f"The query is not SPARQL: the parser gave up at line {line}, column {column}"
    message += "." if sentence is None else f". {sentence[1].strip()}."
    return QuerySyntaxError(message, line=line, column=column)


def _error(query: str, token: Token, why: str) -> QuerySyntaxError:
    line, column = place_of(query, token.start)
    message = f"The query is not SPARQL at line {line}, column {column}: {why}."
    return QuerySyntaxError(message, line=line, column=column)


def _declared(query: str) -> frozenset[str]:
    """Return the prefixes that a query may use."""
    tokens = list(tokens_of(query))
    return frozenset(PREFIXES) | {
        name.text.removesuffix(":")
        for word, name in itertools.pairwise(tokens)
        if word.word == "PREFIX"
    }


def _shown(token: Token) -> str:
    return repr(token.text if len(token.text) <= _SHOWN else f"{token.text[:_SHOWN]}...")


def _first_line(text: str) -> str:
    return text.splitlines()[0][:200].rstrip(".") if text else "it cannot be parsed"
