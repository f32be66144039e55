"""Numbers of other trials in the texts of a record, and what is said of each."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from kg.relations.identifiers import fold_id, is_citable_id
from kg.relations.keys import Mention, Place
from kg.relations.wording import (
    in_exclusion_criteria,
    says_earlier,
    says_extension,
    says_follow_up,
    sentence_around,
)
from kg.sections import study_sections
from kg.study import Study

_NCT_ID = re.compile(r"(?<![A-Za-z])NCT[\s:#-]{0,2}0*(\d{8})(?!\d)", re.IGNORECASE | re.ASCII)

_IN_ID, _SHORTEST_ID = "[A-Za-z0-9/_.-]", 6
_RUN = re.compile(f"{_IN_ID}+")
# It is only looked for where a run begins that holds a digit.
_ID_LIKE = re.compile(rf"[A-Za-z0-9]{_IN_ID}{{{_SHORTEST_ID - 2},38}}[A-Za-z0-9]")
# Most digits of a text stand in no run that is long enough: one look at each tells them from
# those that do, in a seventh of the time that a look at every word takes.
_DIGIT_IN_RUN = re.compile(
    "[0-9](?:"
    + "|".join(
        f"(?<={_IN_ID}{{{before}}})(?={_IN_ID}{{{_SHORTEST_ID - before}}})"
        for before in range(1, _SHORTEST_ID + 1)
    )
    + ")"
)
_ID_CHARACTERS = frozenset(filter(_RUN.fullmatch, map(chr, range(128))))

# A record that names more is a catalogue; each mention is looked at in its sentence.
_MENTIONS_KEPT, _LOOKED_AT = 400, 20_000
_WITHOUT_SENTENCES = ("see_also_links", "secondary_id_infos")


def find_mentions(
    study: Study, own: Collection[str], *, follow_up: bool
) -> tuple[tuple[Mention, ...], tuple[Mention, ...]]:
    """Find numbers of other trials in all texts, eligibility too: there follow-ups name theirs.

    Parameters
    ----------
    study : Study
    own : collection of str
        The record's own numbers, folded; they are no mentions.
    follow_up : bool
        Whether a title says that the trial follows the people of another one.

    Returns
    -------
    tuple of Mention
        Of NCT ids.
    tuple of Mention
        Of study numbers.
    """
    by_nct_id: list[Mention] = []
    by_number: list[Mention] = []
    for path, text in _texts(study):
        if "nct" in text.lower():
            for match in islice(_NCT_ID.finditer(text), _LOOKED_AT):
                target = f"NCT{match[1]}"
                if len(by_nct_id) < _MENTIONS_KEPT and fold_id(target) not in own:
                    by_nct_id.append(_mention(target, path, text, match.span(), follow_up))
        for start, end in islice(id_spans(text), _LOOKED_AT):
            target = _number(text[start:end])
            if target and len(by_number) < _MENTIONS_KEPT and target not in own:
                by_number.append(_mention(target, path, text, (start, end), follow_up))
    return tuple(by_nct_id), tuple(by_number)


def id_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of words with a digit that have the length and the signs of a number.

    Examples
    --------
    >>> [*id_spans("Protocol ABC-123/4, day 28")]
    [(9, 18)]
    """
    end = 0
    for digit in _DIGIT_IN_RUN.finditer(text):
        start = digit.start()
        if start < end:
            continue
        while start > end and text[start - 1] in _ID_CHARACTERS:
            start -= 1
        run = _RUN.match(text, start)
        found = _ID_LIKE.match(text, start)
        if run is not None:
            end = run.end()
        if found is not None:
            yield found.span()


def _number(words: str) -> str:
    """Return the folded study number that words stand for, empty if they are none."""
    folded = fold_id(words)
    return folded if not folded.startswith("nct") and is_citable_id(words) else ""


def _texts(study: Study) -> Iterable[tuple[str, str]]:
    for section in study_sections(study):
        yield section.path, section.text
    for place, link in enumerate(study.references.see_also_links):
        for field, text in (("label", link.label), ("url", link.url)):
            if text:
                yield f"see_also_links[{place}].{field}", text
    for place, info in enumerate(study.identification.secondary_id_infos):
        if info.id:
            yield f"secondary_id_infos[{place}].id", info.id


def _mention(target: str, path: str, text: str, span: tuple[int, int], follow_up: bool) -> Mention:
    start, end = span
    if path.startswith(_WITHOUT_SENTENCES):
        return Mention(target, Place(path, text[start:end], start, end), False, False, False)
    first, last = sentence_around(text, start, end)
    sentence = text[first:last]
    excluded = in_exclusion_criteria(path, text, start)
    return Mention(
        target,
        Place(path, text[start:end], start, end),
        not excluded and says_follow_up(sentence, follow_up_title=follow_up),
        not excluded and says_extension(sentence),
        not excluded and says_earlier(sentence),
    )
