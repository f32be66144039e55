"""Rules for the tissue that the given cells come from."""

from __future__ import annotations

from collections.abc import Iterator

from kg.cell_facts import source_phrases as say
from kg.cell_facts.clauses import clause_around
from kg.cell_facts.context import Context, Passage, Voice
from kg.cell_facts.findings import Finding, guide_value
from kg.cell_facts.type_grafts import HEMATOPOIETIC
from ontology.matching import Match
from ontology.schemes import Concept, load_scheme


def find_sources(context: Context, types: frozenset[str]) -> list[Finding]:
    """Return the mentions that name the source, from the closest voice that has any.

    Parameters
    ----------
    context : Context
    types : frozenset of str
        The cell types found; a transplant of blood stem cells gives no source unless it is
        among them, and blood is the source of platelet-rich plasma alone.
    """
    for rule, voices, confidence in (
        ("source.named", (Voice.TITLE, Voice.NAME, Voice.ARM), 0.97),
        ("source.summary", (Voice.SUMMARY,), 0.9),
        ("source.description", (Voice.DESCRIPTION,), 0.85),
        ("source.keyword", (Voice.KEYWORD,), 0.75),
    ):
        bound: list[Finding] = []
        taken: list[Finding] = []
        for passage in context.voiced(*voices):
            for match, named in _bound(passage, types):
                finding = Finding(match.payload, passage, match, rule, confidence)
                (bound if named else taken).append(finding)
        # A harvest is told where the name of the product does not tell the tissue.
        findings = bound or taken
        if findings:
            if Voice.SUMMARY in voices or Voice.DESCRIPTION in voices:
                findings = _of_this_study(findings)
            break
    findings = findings or _harvested(context)
    findings += _second_product(context, types, findings)
    findings = _one_cord(_undifferentiated(context, findings))
    if "platelet_rich_plasma" in types:
        findings = [*findings, *_drawn_blood(context)]
    return findings


def _of_this_study(findings: list[Finding]) -> list[Finding]:
    """Where prose names several tissues, keep those named of what this study does."""
    if len({guide_value(finding.concept) for finding in findings}) < 2:
        return findings
    kept = [
        finding
        for finding in findings
        if say.THIS_STUDY.search(finding.passage.sentence(finding.match.start).text)
    ]
    return kept or findings


def _harvested(context: Context) -> list[Finding]:
    """Take what patients are harvested for cells of their own, where nothing names the tissue."""
    if not any(
        match.payload.name == "autologous"
        for passage in context.passages
        for match in passage.matches("donors")
    ):
        return []
    return [
        Finding(match.payload, passage, match, "source.harvest", 0.7)
        for passage in context.passages
        if passage.voice < Voice.KEYWORD
        for match in passage.matches("cell_sources")
        if guide_value(match.payload) in say.HARVESTED_SOURCES and _of_harvest(passage, match)
    ]


def _of_harvest(passage: Passage, match: Match[Concept]) -> bool:
    sentence = passage.sentence(match.start)
    if say.BACKGROUND.search(sentence.text):
        return False
    near = passage.text[max(sentence.start, match.start - 25) : min(sentence.end, match.end + 25)]
    return say.HARVEST.search(near) is not None


def _second_product(
    context: Context, types: frozenset[str], findings: list[Finding]
) -> list[Finding]:
    """Find the tissue of a second product that only the aims name, beside the one found."""
    found = {guide_value(finding.concept) for finding in findings}
    # A source for one kind of cells alone, where two kinds are given.
    two_kinds = len(types & say.KINDS_APART) > 1
    if len(found) != 1 or (
        any(item.passage.voice == Voice.TITLE for item in findings) and not two_kinds
    ):
        return []
    second = []
    for passage in context.voiced(Voice.SUMMARY):
        if not two_kinds and not say.SEVERAL.search(passage.text):
            continue
        by_sentence: dict[int, list[Match[Concept]]] = {}
        for match, named in _bound(passage, types):
            if named and say.AIMS.search(passage.sentence(match.start).text):
                by_sentence.setdefault(passage.sentence(match.start).start, []).append(match)
        for matches in by_sentence.values():
            values = {guide_value(match.payload) for match in matches}
            if (len(values) == 2 and values > found) or (
                two_kinds and len(values) == 1 and values != found
            ):
                second += [
                    Finding(match.payload, passage, match, "source.second_product", 0.75)
                    for match in matches
                    if guide_value(match.payload) not in found
                ]
    return second


def _undifferentiated(context: Context, findings: list[Finding]) -> list[Finding]:
    """Leave out the tissue that the cells are made to resemble before they are given."""
    if all(guide_value(finding.concept) in say.USUAL_SOURCES for finding in findings):
        return findings
    made = " ".join(
        told.group(1)
        for passage in context.passages
        for told in say.GROWN_FROM.finditer(passage.text)
    )
    findings = [
        finding
        for finding in findings
        if guide_value(finding.concept) in say.USUAL_SOURCES
        or finding.match.words.lower().rstrip("s") not in made
    ]
    grown = " ".join(
        told.group(1).lower()
        for passage in context.passages
        for told in say.GROWN_INTO.finditer(passage.text)
    )
    kept = [
        finding
        for finding in findings
        if guide_value(finding.concept) in say.USUAL_SOURCES
        or finding.match.words.lower().rstrip("s") not in grown
    ]
    return kept or findings


def _one_cord(findings: list[Finding]) -> list[Finding]:
    """Take cord and cord blood of one product for what the closest voice calls it.

    Records say "umbilical cord blood" for the cord itself by mistake, and the other way.
    """
    both = ("umbilical_cord", "umbilical_cord_blood")
    counts = {name: [0] * len(Voice) for name in both}
    for finding in findings:
        name = guide_value(finding.concept)
        if name in counts:
            counts[name][finding.passage.voice] += 1
    cord, blood = (tuple(counts[name]) for name in both)
    if not any(cord) or not any(blood) or (cord[Voice.TITLE] and blood[Voice.TITLE]):
        return findings
    wrong = both[cord > blood]
    return [finding for finding in findings if guide_value(finding.concept) != wrong]


def _drawn_blood(context: Context) -> list[Finding]:
    """Find the blood that platelet-rich plasma is made of, where the record says so."""
    blood = load_scheme("cell_sources")["peripheral_blood"]
    found = []
    for passage in context.passages:
        for words in say.BLOOD.finditer(passage.text):
            clause = passage.sentence(words.start())
            told = passage.text if passage.voice == Voice.ARM else clause.text
            spun = passage.voice == Voice.ARM and "centrifug" in clause.text
            if (spun or say.PLASMA.search(told)) and say.DRAWN.search(clause.text):
                quoted = passage.section.text[words.start() : words.end()]
                match = Match(words.start(), words.end(), quoted, blood)
                found.append(Finding(blood, passage, match, "source.plasma_blood", 0.85))
    return found


def _bound(passage: Passage, types: frozenset[str]) -> Iterator[tuple[Match[Concept], bool]]:
    """Yield the tissues of a passage that a cell product comes from, and whether by its name."""
    found = passage.matches("cell_sources")
    if not found:
        return
    transplant = HEMATOPOIETIC in types
    named = passage.matches("cell_types")
    prose = passage.voice in (Voice.SUMMARY, Voice.DESCRIPTION)
    for match in found:
        sentence = passage.sentence(match.start)
        before = passage.text[max(sentence.start, match.start - 130) : match.start]
        after = passage.text[match.end : min(sentence.end, match.end + 90)]
        if say.NOT_SOURCE.search(before[-70:]):
            continue
        if say.GROWTH_FACTOR.match(after) or say.NOT_CELLS.match(after):
            continue
        # A capital abbreviation behind a hyphen is the tail of a brand ("iSCLife-ACI").
        if match.words.isupper() and len(match.words) < 4 and before.endswith("-"):
            continue
        if say.TRANSPLANT.match(after) and say.OTHERS_TREATMENT.search(before):
            continue
        if passage.voice >= Voice.ARM:
            if prose and say.BACKGROUND.search(sentence.text):
                chosen = say.CHOSEN.search(sentence.text)
                if chosen is None or sentence.start + chosen.start() < match.end:
                    continue
            tissues = {
                guide_value(other.payload)
                for other in found
                if sentence.start <= other.start < sentence.end
            }
            if len(tissues) > say.MAX_SOURCES_IN_PROSE and not say.CHOSEN.search(sentence.text):
                continue
            if len(tissues) > 1 and say.POSSIBLE.search(sentence.text):
                continue
        if not transplant and (
            say.TRANSPLANT.match(after)
            or any(
                other.payload.name == HEMATOPOIETIC
                and other.start < match.end
                and match.start < other.end
                for other in named
            )
        ):
            continue
        itself = any(
            other.payload.name in types
            and (
                (other.start <= match.start and match.end <= other.end)
                or (match.start <= other.start and other.end <= match.end)
            )
            for other in named
        )
        usual = passage.voice < Voice.ARM or guide_value(match.payload) in say.USUAL_SOURCES
        if (
            itself
            or (say.AFTER if usual else say.DERIVED).match(after)
            or (
                say.FROM.search(before, max(0, len(before) - 60))
                and say.BEFORE.search(before)
                and (usual or not say.DISTANT.search(before))
            )
        ):
            yield match, True
        elif passage.voice == Voice.KEYWORD:
            if (
                usual
                and types != {"platelet_rich_plasma"}
                and not say.SAMPLE_ONLY.search(passage.text)
                and len(match.words) >= len(passage.text.strip()) - 6
            ):
                yield match, True
        elif passage.voice >= Voice.ARM:
            clause = clause_around(sentence, match.start, match.end)
            if not say.TAKEN.search(clause.text):
                continue
            grown = say.TO_GROW.search(sentence.text) is not None
            if prose:
                given = grown
            else:
                given = grown or _surely_given(match)
                given = given and not say.SAMPLE_ONLY.match(after.strip())
            if given:
                yield match, False


def _surely_given(match: Match[Concept]) -> bool:
    """Return whether the tissue is seldom taken but for cells; blood is drawn for tests too."""
    value = guide_value(match.payload)
    return value in say.USUAL_SOURCES and value != "peripheral_blood"
