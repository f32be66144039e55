"""Fields of a record before and after, as people read them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile
from typing import Any

import msgspec

from kg.record_differences import FieldChange
from web.presentation import shortened, words

_LABELS = {
    "statusModule.overallStatus": "Status",
    "statusModule.whyStopped": "Why stopped",
    "statusModule.startDateStruct.date": "Start",
    "statusModule.primaryCompletionDateStruct.date": "Primary completion",
    "statusModule.completionDateStruct.date": "Completion",
    "statusModule.lastUpdatePostDateStruct.date": "Last update posted",
    "statusModule.lastUpdateSubmitDate": "Last update submitted",
    "statusModule.statusVerifiedDate": "Record verified",
    "designModule.enrollmentInfo.count": "Participants",
    "designModule.enrollmentInfo.type": "Participants, actual or estimated",
    "identificationModule.briefTitle": "Title",
    "identificationModule.officialTitle": "Official title",
    "armsInterventionsModule.armGroups": "Arms",
    "armsInterventionsModule.interventions": "Interventions",
    "contactsLocationsModule.locations": "Locations",
    "referencesModule.references": "References",
}
"""Paths, without ``protocolSection``, that have a name of their own on the trial page."""
_MINOR = re.compile(r"lastUpdate|statusVerified|miscInfoModule|SubmitQc|expandedAccessInfo")
_NOISE = re.compile(r"(?:lastUpdate|SubmitQc|FirstPost)\w*Struct\.type$")
"""That a date of the registry's own doings is "actual"."""
_CODED = re.compile(
    r"(?:[sS]tatus|Type|\.type|phases|allocation|[mM]odel|[pP]urpose|masking|sex|stdAges|whoMasked)$"
)
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_TOKENS = re.compile(r"\s+|\S+")
_SENTENCE = re.compile(r"(?:[^.!?\n]|[.!?](?!\s))*(?:[.!?]\s+|\n\s*|[.!?]?$)", re.DOTALL)
_COMPARED = 80
"""Words on either side that are compared one by one; of longer passages all counts as new."""
_KEPT = 90
"""Characters of an unchanged passage that are shown at each of its ends."""
_SHOWN = 700
"""Characters of a passage that went or came that are shown."""
_ITEMS = 12


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage of a text: ``same``, ``gone`` or ``come``."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field as a page shows it.

    Attributes
    ----------
    path : str
        The registry's.
    label : str
    minor : bool
        Whether it only tells when or by whom the record was touched.
    pieces : tuple of Piece
        The text with what went and came, if it is one text on both sides.
    before, after : tuple of str
        Values on either side, else; empty where there is none.
    """

    path: str
    label: str
    minor: bool
    pieces: tuple[Piece, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]

    def in_a_line(self) -> str:
        """Return the change in words, on one line and not long."""
        before, after = (
            shortened("; ".join(side), 120) or "nothing" for side in (self.before, self.after)
        )
        if self.pieces:
            return f"{self.label}: the text differs"
        return f"{self.label}: {before} → {after}"


def field_views(changes: Iterable[FieldChange]) -> tuple[FieldView, ...]:
    """Return fields as pages show them; those that tell little come last."""
    views = [_view(change) for change in changes if not _NOISE.search(change.path)]
    return tuple(sorted(views, key=lambda view: (view.minor, not view.path.endswith("tatus"))))


def field_label(path: str) -> str:
    """Return what people call a field.

    Examples
    --------
    >>> field_label("protocolSection.statusModule.overallStatus")
    'Status'
    >>> field_label("protocolSection.designModule.designInfo.maskingInfo.masking")
    'Design: masking'
    >>> field_label("hasResults")
    'Has results'
    """
    known = _LABELS.get(path.removeprefix("protocolSection."))
    if known is not None:
        return known
    if path.endswith("Struct.type"):
        return f"{field_label(path.removesuffix('type') + 'date')}, actual or estimated"
    parts = [part for part in path.split(".") if part not in ("protocolSection", "date")]
    named = [part for part in parts if part.endswith("Module")]
    last = _words(parts[-1]) if parts and not parts[-1].endswith("Module") else ""
    section = _words(named[-1].removesuffix("Module")).capitalize() if named else ""
    if section and last:
        return f"{section}: {last}"
    return section or last.capitalize() or path


def _words(name: str) -> str:
    return _HUMPS.sub(" ", name.removesuffix("Struct").removesuffix("Info")).lower()


def _view(change: FieldChange) -> FieldView:
    before, after = _values(change.before, change.path), _values(change.after, change.path)
    pieces: tuple[Piece, ...] = ()
    if len(before) == len(after) == 1 and min(len(before[0].split()), len(after[0].split())) > 3:
        pieces = tuple(_pieces(before[0], after[0]))
    minor = _MINOR.search(change.path) is not None
    return FieldView(change.path, field_label(change.path), minor, pieces, before, after)


def _values(text: str | None, path: str) -> tuple[str, ...]:
    if text is None:
        return ()
    values: list[Any] = [text]
    if text[:1] in ("[", "{"):
        try:
            found = msgspec.json.decode(text)
        except msgspec.DecodeError:
            pass  # cut, or a text that only looks like JSON
        else:
            values = found if isinstance(found, list) else [found]
    shown = ["; ".join(_leaves(value)) for value in values[:_ITEMS]]
    if _CODED.search(path):
        shown = [words(one) for one in shown]
    if len(values) > _ITEMS:
        shown.append(f"and {len(values) - _ITEMS} more")
    return tuple(shown)


def _leaves(value: Any) -> Iterator[str]:
    """Yield the texts and numbers of a value, whatever it is nested in."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _leaves(one)
    elif isinstance(value, bool):
        yield "yes" if value else "no"
    elif value is not None:
        yield str(value)


def _pieces(before: str, after: str) -> Iterator[Piece]:
    """Yield what two texts share and where they differ, each passage cut to a legible length."""
    old, new = _TOKENS.findall(before), _TOKENS.findall(after)
    head = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    rest = old[head:][::-1], new[head:][::-1]
    tail = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(*rest, strict=False)))
    old_middle, new_middle = old[head : len(old) - tail], new[head : len(new) - tail]
    yield from _piece("same", old[:head], first=True)
    if max(len(old_middle), len(new_middle)) <= 2 * _COMPARED:
        yield from _compared(old_middle, new_middle)
    else:
        yield from _compared(_sentences(old_middle), _sentences(new_middle), by_words=True)
    yield from _piece("same", old[len(old) - tail :], last=True)


def _compared(old: list[str], new: list[str], *, by_words: bool = False) -> Iterator[Piece]:
    """Yield how two lists of words or sentences differ; short sentences word by word."""
    if max(len(old), len(new)) > 2 * _COMPARED:
        yield from _piece("gone", old)
        yield from _piece("come", new)
        return
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        gone, come = old[start:end], new[other_start:other_end]
        if tag == "equal":
            yield from _piece("same", gone)
        elif by_words and tag == "replace":
            pairs = zip(gone, come, strict=True) if len(gone) == len(come) else [(gone, come)]
            for pair in pairs:
                yield from _compared(*(_TOKENS.findall("".join(side)) for side in pair))
        else:
            yield from _piece("gone", gone)
            yield from _piece("come", come)


def _sentences(tokens: list[str]) -> list[str]:
    return _SENTENCE.findall("".join(tokens))


def _piece(
    kind: str, tokens: list[str], *, first: bool = False, last: bool = False
) -> Iterator[Piece]:
    text = "".join(tokens)
    if not text:
        return
    if kind == "same" and len(text) > 2 * _KEPT + 30:
        start = "" if first else text[:_KEPT].rstrip()
        text = f"{start} … {'' if last else text[-_KEPT:].lstrip()}"
    elif len(text) > _SHOWN:
        text = shortened(text, _SHOWN)
    yield Piece(kind, text)
