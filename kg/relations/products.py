"""Names of products in a record: marked, coded, or written as a name wherever they stand."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from kg.relations.product_words import (
    MIN_LETTERS,
    fold_name,
    is_generic,
    is_ordinary,
    without_plural,
)
from kg.short_texts import keep_short
from kg.study import Study

# It may begin at a word's beginning only, else a word of a megabyte would take for ever.
_MARK = re.compile(r"(?<![\w.-])([A-Za-z0-9][\w.-]*)\s?(?:®|™|\((?:R|TM|r|tm)\))")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*")
# The stem of non-proprietary names of cell products (WHO INN Programme).
_INN = re.compile(r"[A-Za-z]{4,}cel(?:-[A-Za-z])?")
_MARKS = re.compile(r"[®™]|\((?:R|TM|r|tm)\)")
_DOSAGE_FORM = re.compile(
    r"[\s,]+(?:inj(?:ection|\.)?|cells?|infusion|implant|sheet|gel|group|treatment|"
    r"(?:low|high|mid(?:dle)?|single)[\s-]dose)\.?$",
    re.IGNORECASE,
)
_PLURAL_ABBREVIATION = re.compile(r"[A-Z]{2,6}s")
_CODE = re.compile(
    r"(?=.*[A-Z]{2}|[A-Z][a-z]*-?\d{2})(?=.*\d.*\d)[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*"
)

# It takes no letter back: behind a shorter word comes a letter or a hyphen, which end none.
_LOWER_CASE = re.compile(r"[a-z](?<![\w-].)[a-z]{4,}+(?:-[a-z]+)*+(?![\w-])", re.DOTALL)

# Of the words of titles.
_LONGEST_KEPT, _WORDS_KEPT = 40, 1 << 16

_COMPARATOR_ARMS = frozenset(
    {"PLACEBO_COMPARATOR", "SHAM_COMPARATOR", "ACTIVE_COMPARATOR", "NO_INTERVENTION"}
)
_MIN_PLAIN = 6
_LONGEST_NAME = 300
"""Characters in which a dosage form behind a name is looked for."""


@dataclass(frozen=True, slots=True)
class ProductName:
    """One name that may be a product's.

    Attributes
    ----------
    name : str
        Folded: without case, spaces and punctuation.
    path, words, start, end
        Where it stands.
    own : bool
        Whether it names an intervention (also by other names), and not only stands in a title.
    form : int
        What shows that it is a name: 3 a trade mark, a code, or a non-proprietary name of a
        cell product; 2 all that the intervention is called; 1 its capitals.
    """

    name: str
    path: str
    words: str
    start: int
    end: int
    own: bool
    form: int


@dataclass(frozen=True, slots=True)
class ProductNames:
    """What a record says of products.

    Attributes
    ----------
    names : tuple of ProductName
        Each name once, the best place of it.
    common : frozenset of str
        Those of the names that the record also writes in lower case: words rather than names.
    synonyms : tuple of tuple of str
        Names that are given to one intervention.
    """

    names: tuple[ProductName, ...] = ()
    common: frozenset[str] = frozenset()
    synonyms: tuple[tuple[str, ...], ...] = ()


NO_PRODUCTS = ProductNames()


def product_names(study: Study) -> ProductNames:
    """Return the names in titles and interventions that may be a product's.

    What an intervention is called besides a common substance ("cyclophosphamide", "Cytoxan")
    names that substance, and is left out like it.
    """
    numbers = _own_numbers(study)
    sponsor = {fold_name(word) for word in _NAME.findall(_sponsors(study))}
    lower = _lower_case_words(study)
    meshes = {
        fold_name(word)
        for mesh in (*study.intervention_browse.meshes, *study.condition_browse.meshes)
        for word in (mesh.term or "").split()
    } | {fold_name(mesh.term or "") for mesh in study.intervention_browse.meshes}
    best: dict[str, ProductName] = {}
    common: set[str] = set()
    for found in _candidates(study, lower | meshes):
        if found.name in numbers or found.name in sponsor:
            continue
        if not _INN.fullmatch(found.words):
            if found.name in meshes:
                continue
            if found.name in lower:
                common.add(found.name)
        known = best.get(found.name)
        if known is None:
            best[found.name] = found
            continue
        better = found if (found.own, found.form) > (known.own, known.form) else known
        best[found.name] = replace(better, form=max(found.form, known.form))
    return ProductNames(
        tuple(best[name] for name in sorted(best)),
        frozenset(common),
        tuple(_synonyms(study, best)),
    )


def _candidates(study: Study, substances: Collection[str]) -> Iterator[ProductName]:
    identification = study.identification
    for path, title in (
        ("brief_title", identification.brief_title),
        ("official_title", identification.official_title),
    ):
        if title:
            yield from _names_in(path, title, own=False)
    for path, text in _intervention_names(study, substances):
        yield from _names_in(path, text, own=True)


def _intervention_names(study: Study, substances: Collection[str]) -> Iterator[tuple[str, str]]:
    """Names of what a trial tries; what only its comparators get is not its product."""
    module = study.arms_interventions
    types = {arm.label: arm.type for arm in module.arm_groups}
    for place, item in enumerate(module.interventions):
        given = [types.get(label) for label in item.arm_group_labels]
        if given and all(kind in _COMPARATOR_ARMS for kind in given):
            continue
        texts = [(f"interventions[{place}].name", item.name)]
        texts += [
            (f"interventions[{place}].other_names[{number}]", other)
            for number, other in enumerate(item.other_names)
        ]
        common = {
            name
            for _, text in texts
            if text and _INN.fullmatch(text) is None and (name := fold_name(text)) in substances
        }
        for path, text in texts:
            if text and not common - {fold_name(text)}:
                yield path, text


def _names_in(path: str, text: str, *, own: bool) -> Iterator[ProductName]:
    marked = {found.start(1) for found in _MARK.finditer(text)} if _holds_mark(text) else ()
    for found in _NAME.finditer(text):
        words = found[0]
        is_marked = marked and any(found.start() <= at < found.end() for at in marked)
        form = 3 if is_marked else _form(words)
        if not form or not _may_be_product(words):
            continue
        if form == 1 and own and len(words) >= _MIN_PLAIN and words == _bare(text):
            form = 2
        yield ProductName(fold_name(words), path, words, found.start(), found.end(), own, form)


def _holds_mark(text: str) -> bool:
    return "®" in text or "™" in text or "(" in text


def _bare(text: str) -> str:
    """Return a text without marks and the dosage form behind it."""
    return _DOSAGE_FORM.sub("", _MARKS.sub("", text[:_LONGEST_NAME]).strip(" ."))


@keep_short(longest=_LONGEST_KEPT, most=_WORDS_KEPT)
def _form(words: str) -> int:
    """Return what the letters of a word say of it, see `ProductName.form`; 0 if nothing."""
    if _CODE.fullmatch(words) is not None or _INN.fullmatch(words) is not None:
        return 3
    return 1 if _looks_like_name(words) else 0


@keep_short(longest=_LONGEST_KEPT, most=_WORDS_KEPT)
def _may_be_product(words: str) -> bool:
    """Return whether a word neither names a kind of thing only nor is common everywhere."""
    return not is_generic(words) and not is_ordinary(words)


def _looks_like_name(words: str) -> bool:
    """Capitals inside or throughout, or one at the front of a long word."""
    letters = [character for character in words if character.isalpha()]
    if len(letters) < MIN_LETTERS or _PLURAL_ABBREVIATION.fullmatch(words) is not None:
        return False
    capitals = sum(letter.isupper() for letter in letters)
    return capitals >= 1 and (capitals >= 2 or (words[0].isupper() and len(words) >= _MIN_PLAIN))


def _lower_case_words(study: Study) -> frozenset[str]:
    """Return the words, folded, that the record's prose writes in lower case."""
    description, module = study.description, study.arms_interventions
    texts = [
        study.identification.brief_title,
        study.identification.official_title,
        description.brief_summary,
        description.detailed_description,
        study.eligibility.eligibility_criteria,
        *study.conditions.conditions,
        *study.conditions.keywords,
    ]
    texts += [item.description for item in module.interventions]
    texts += [item.name for item in module.interventions]
    texts += [arm.description for arm in module.arm_groups]
    found: set[str] = set()
    for text in texts:
        if text:
            found.update(_LOWER_CASE.findall(text))
    # Plain lower-case words: what `fold_name` would do to them, in a tenth of the time.
    whole = (word.replace("-", "") if "-" in word else word for word in found)
    return frozenset(map(without_plural, whole))


def _own_numbers(study: Study) -> frozenset[str]:
    identification = study.identification
    numbers = [identification.org_study_id_info.id, *identification.nct_id_aliases]
    numbers += [info.id for info in identification.secondary_id_infos]
    return frozenset(fold_name(number) for number in numbers if number)


def _sponsors(study: Study) -> str:
    module = study.sponsor_collaborators
    return " ".join(
        party.name for party in (module.lead_sponsor, *module.collaborators) if party.name
    )


def _synonyms(study: Study, known: dict[str, ProductName]) -> Iterator[tuple[str, ...]]:
    for item in study.arms_interventions.interventions:
        texts = [text for text in (item.name, *item.other_names) if text]
        # Only what is a name and nothing else: "Cx601", not "Cx601 after curettage".
        whole = {fold_name(_MARKS.sub("", text)) for text in texts}
        names = sorted(name for name in whole if name in known and known[name].form > 1)
        if len(names) > 1:
            yield tuple(names)
