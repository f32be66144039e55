"""The outline of a query: its form, its dataset, and its groups with their triple patterns.

Enough of the grammar of SPARQL 1.1 (section 19.8) to judge a query and to plan its joins;
expressions are passed over, but for the groups inside EXISTS. What is not understood raises
`NotOutlinedError`, and the query is then judged by its tokens alone and run as it is.
"""

from __future__ import annotations

from kg.sparql.outlines import (
    FORMS,
    Block,
    Group,
    NotOutlinedError,
    NotPlainError,
    Outline,
    Pattern,
)
from kg.sparql.tokens import BRACKETS, OPERATORS, Token, tokens_of

_END = Token("end", "", 0, 0)
_NOT_PLAIN = ("[", "(", "<<", "_:")
_PARTS = frozenset(["OPTIONAL", "MINUS", "LATERAL", "GRAPH", "SERVICE", "BIND", "FILTER", "VALUES"])


def outline(query: str) -> Outline:
    """Read a query.

    Raises
    ------
    NotOutlinedError
        If it is not understood.
    """
    return _Reader(query).outline()


class _Reader:
    def __init__(self, query: str):
        self._query = query
        self._tokens = list(tokens_of(query))
        self._at = 0

    def outline(self) -> Outline:
        base, prefixes = self._prologue()
        form = self._next().word
        if form not in FORMS:
            raise NotOutlinedError(self._last())
        found = Outline(form, base, prefixes, [], [], None)
        if form == "CONSTRUCT":
            found.short = not self._peek().is_sign("{")
            if not found.short:
                self._skip_balanced()  # the template
        while not self._ended() and not self._peek().is_sign("{") and self._peek().word != "WHERE":
            token = self._next()
            if token.word == "FROM":
                graphs = found.default_graphs
                if self._peek().word == "NAMED":
                    self._next()
                    graphs = found.named_graphs
                graphs.append(self._expect("iri", "name").text)
            elif token.is_sign("("):
                self._at -= 1
                self._skip_balanced()
        if not self._ended():
            if self._peek().word == "WHERE":
                self._next()
            found.where = self._group("WHERE")
            self._modifiers(found.where)
        if not self._ended():
            raise NotOutlinedError(self._peek())
        return found

    def _prologue(self) -> tuple[str | None, dict[str, str]]:
        base, prefixes = None, {}
        while self._peek().word in ("BASE", "PREFIX"):
            if self._next().word == "BASE":
                base = self._expect("iri").text[1:-1]
            else:
                name = self._expect("name").text
                prefixes[name.removesuffix(":")] = self._expect("iri").text[1:-1]
        return base, prefixes

    def _group(self, kind: str) -> Group:
        self._require("{")
        group = Group(kind)
        if self._peek().word == "SELECT":
            group.parts.append("SELECT")
            while not self._peek().is_sign("{"):
                if self._peek().is_sign("("):
                    self._skip_balanced(group)
                else:
                    self._next()
            group.parts.append(self._group("WHERE"))
            self._modifiers(group)
        while not self._peek().is_sign("}"):
            self._part(group)
        self._next()
        return group

    def _part(self, group: Group) -> None:
        token = self._peek()
        if token.is_sign("{"):
            group.parts.append(self._group("GROUP"))
        elif token.is_sign("."):
            self._next()
        elif token.word in ("OPTIONAL", "MINUS", "LATERAL"):
            self._next()
            group.parts.append(self._group(token.word))
        elif token.word in ("GRAPH", "SERVICE"):
            self._next()
            if self._peek().word == "SILENT":
                self._next()
            self._expect("iri", "name", "variable")
            group.parts.append(self._group(token.word))
        elif token.word == "UNION":
            self._next()
            group.parts.append("UNION")
        elif token.word == "BIND":
            self._next()
            group.parts.append("BIND")
            self._skip_balanced(group)
        elif token.word == "FILTER":
            self._next()
            group.parts.append("FILTER")
            self._constraint(group)
        elif token.word == "VALUES":
            self._next()
            self._values(group)
        else:
            group.parts.append(self._block())

    def _constraint(self, group: Group) -> None:
        if self._peek().word in ("NOT", "EXISTS"):
            if self._next().word == "NOT":
                self._require("EXISTS")
            group.parts.append(self._group("EXISTS"))
            return
        if not self._peek().is_sign("("):
            self._expect("word", "name", "iri")  # a function
        self._skip_balanced(group)

    def _values(self, group: Group) -> None:
        ahead = not any(isinstance(part, Block | Group) for part in group.parts)
        group.parts.append("VALUES")
        if self._peek().kind != "variable":
            self._skip_balanced()
            self._skip_balanced()
            return
        name = self._next().text[1:]
        self._require("{")
        values = []
        while not self._peek().is_sign("}"):
            values.append("UNDEF" if self._peek().word == "UNDEF" else "")
            values[-1] = self._next().text if values[-1] else self._term()
        self._next()
        if ahead:
            group.values[name] = values

    def _modifiers(self, group: Group) -> None:
        """Pass over ORDER BY and the like, to the end of the query or of the sub-select."""
        while not self._ended() and not self._peek().is_sign("}"):
            if self._peek().is_sign("({"):
                self._skip_balanced(group)
            else:
                self._next()

    def _block(self) -> Block:
        start = self._peek().start
        patterns: list[Pattern] | None = []
        while True:
            found = self._same_subject()
            patterns = None if found is None or patterns is None else patterns + found
            end = self._tokens[self._at - 1].end
            if not self._peek().is_sign("."):
                break
            end = self._next().end
            if self._peek().is_sign("{}") or self._peek().word:
                break
        return Block(start, end, patterns)

    def _same_subject(self) -> list[Pattern] | None:
        """Read the triples of one subject; None if they are more than plain ones."""
        begun = self._at
        try:
            return self._plain_triples()
        except NotPlainError as error:
            token = error.token
            if token is not None and not token.text.startswith(_NOT_PLAIN):
                raise NotOutlinedError(token) from None
            self._at = begun
        while not self._ended() and not self._peek().is_sign(".}") and not self._opens_part():
            if self._peek().is_sign("([{") or self._peek().text in ("<<", "<<("):
                self._skip_balanced()
            else:
                self._next()
        if self._at == begun:
            raise NotOutlinedError(self._peek())
        return None

    def _opens_part(self) -> bool:
        return self._peek().word in _PARTS

    def _plain_triples(self) -> list[Pattern]:
        found = []
        subject = self._term()
        while True:
            predicate, path = self._predicate()
            while True:
                found.append(Pattern(subject, predicate, self._term(), path))
                if not self._peek().is_sign(","):
                    break
                self._next()
            if not self._peek().is_sign(";"):
                return found
            while self._peek().is_sign(";"):
                self._next()
            if self._peek().is_sign(".}") or self._opens_part():
                return found

    def _term(self) -> str:
        token = self._next()
        if token.kind in ("variable", "iri", "number"):
            return token.text
        if token.kind == "name" and not token.text.startswith("_:"):
            return token.text
        if token.word in ("TRUE", "FALSE"):
            return token.text
        if token.is_sign("+-") and self._peek().kind == "number":
            return token.text + self._next().text
        if token.kind == "string":
            if self._peek().kind == "tag":
                return token.text + self._next().text
            if self._peek().text == "^^":
                self._next()
                return f"{token.text}^^{self._expect('iri', 'name').text}"
            return token.text
        raise NotPlainError(self._last())

    def _predicate(self) -> tuple[str, bool]:
        start = self._at
        if self._peek().kind == "variable":
            return self._next().text, False
        self._path()
        parts = self._tokens[start : self._at]
        text = self._query[parts[0].start : parts[-1].end]
        return text, len(parts) > 1

    def _path(self) -> None:
        while True:
            if self._peek().is_sign("^"):
                self._next()
            if self._peek().is_sign("!"):
                self._next()
            if self._peek().is_sign("("):
                self._skip_balanced()
            else:
                token = self._next()
                if token.kind not in ("iri", "name") and token.text != "a":
                    raise NotPlainError(self._last())
            if self._peek().is_sign("*+?"):
                self._next()
            if not self._peek().is_sign("/|"):
                return
            self._next()

    def _skip_balanced(self, group: Group | None = None) -> None:
        """Pass over a bracket and all in it; groups of EXISTS go to `group`."""
        open_: list[str] = []
        before = ""
        while True:
            token = self._next()
            if token.kind == "sign":
                if token.text in BRACKETS:
                    open_.append(BRACKETS[token.text])
                else:
                    dangling = token.text in ")," and before in OPERATORS
                    closing = token.text in BRACKETS.values()
                    if dangling or (closing and (not open_ or open_.pop() != token.text)):
                        raise NotOutlinedError(token)
            elif token.word == "EXISTS" and group is not None and self._peek().is_sign("{"):
                group.parts.append(self._group("EXISTS"))
            before = token.text
            if not open_:
                return

    def _peek(self) -> Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    def _next(self) -> Token:
        if self._ended():
            raise NotOutlinedError(None)
        self._at += 1
        return self._tokens[self._at - 1]

    def _last(self) -> Token:
        return self._tokens[self._at - 1]

    def _ended(self) -> bool:
        return self._at >= len(self._tokens)

    def _expect(self, *kinds: str) -> Token:
        token = self._next()
        if token.kind not in kinds:
            raise NotOutlinedError(token)
        return token

    def _require(self, text: str) -> None:
        token = self._next()
        if text not in (token.text, token.word):
            raise NotOutlinedError(token)
