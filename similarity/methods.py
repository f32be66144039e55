"""Methods side by side: what each way of ranking is worth on the same judgements."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from similarity.evaluation import MEASURES, Interval, PairedTest, evaluate_run, means, paired_test
from similarity.features import FACETS
from similarity.fitting import held_out_run, judged_queries
from similarity.index import KinIndex
from similarity.learning import fusion_terms
from similarity.lexical import words
from similarity.profile import Profile
from similarity.trec import Qrels, Run

Scores = Callable[[int], NDArray[np.float64]]
"""Row of a query -> score of every trial."""

BASELINE_TEXTS = ("title", "conditions", "summary")
"""What the lexical baselines read: of all choices of texts, the one that serves them best."""
HELD_OUT = "fusion, held out"
MAIN_MEASURE = "nDCG@10 condensed"
_K1, _B = 1.2, 0.75


@dataclass(frozen=True, slots=True)
class MethodResult:
    """One method's figures.

    Attributes
    ----------
    name : str
    by_query : mapping
        Query -> measure -> value.
    means : mapping
        Measure -> mean with interval.
    against : PairedTest or None
        The reference method against this one; None for the reference itself.
    """

    name: str
    by_query: Mapping[str, Mapping[str, float | None]]
    means: Mapping[str, Interval]
    against: PairedTest | None


def evaluate_methods(
    profiles: Sequence[Profile],
    qrels: Qrels,
    index: KinIndex,
    *,
    others: Mapping[str, KinIndex] | None = None,
    seed: int = 0,
) -> list[MethodResult]:
    """Compare the fusion with its baselines and with the encoder alone.

    Parameters
    ----------
    profiles : sequence of Profile
        With texts; the trials of the index.
    qrels : Qrels
    index : KinIndex
        Scores come from its fusion; "fusion, held out" learns the same terms anew from the
        other queries, so its figures are fair on judgements that the shipped weights saw.
    others : mapping, optional
        Name -> an index of the same trials made with another encoder, such as MiniLM.
    seed : int, optional

    Returns
    -------
    list of MethodResult
        Every one with a paired test of the held-out fusion against it.
    """
    ordered = sorted(profiles, key=lambda profile: profile.nct_id)
    texts = [profile.text(BASELINE_TEXTS) for profile in ordered]
    runs: dict[str, Run] = {
        "random": _run(index, qrels, _random_scores(len(index), seed)),
        "TF-IDF": _run(index, qrels, _tfidf_scores(texts)),
        "BM25": _run(index, qrels, _bm25_scores(texts)),
    }
    for name, other in (others or {}).items():
        runs[f"{name} alone"] = _run(other, qrels, encoder_scores(other))
    runs[f"{index.encoder_name} alone"] = _run(index, qrels, encoder_scores(index))
    runs["fusion as shipped"] = _run(index, qrels, lambda row: index.scores(index.nct_ids[row]))
    terms = fusion_terms(index.fusion.views)
    runs[HELD_OUT] = held_out_run(index, judged_queries(index, qrels, terms, seed=seed))
    return _results(qrels, runs, HELD_OUT, seed)


def evaluate_ablations(
    index: KinIndex, qrels: Qrels, *, by_feature: bool = False, seed: int = 0
) -> list[MethodResult]:
    """Learn the fusion without one facet at a time, each query held out in turn.

    Parameters
    ----------
    index : KinIndex
    qrels : Qrels
    by_feature : bool, optional
        Leave out single features, and single products of them, rather than whole facets.
    seed : int, optional
    """
    terms = fusion_terms(index.fusion.views)
    queries = judged_queries(index, qrels, terms, seed=seed)
    if by_feature:
        cuts = {f"without {' x '.join(term)}": {term} for term in terms}
    else:
        cuts = {
            f"without {facet}": {
                term for term in terms if facet in (name.split(".")[0] for name in term)
            }
            for facet in FACETS
        }
        cuts["without products"] = {term for term in terms if len(term) > 1}
    runs = {HELD_OUT: held_out_run(index, queries)}
    for name, cut in cuts.items():
        if cut:
            kept = [place for place, term in enumerate(terms) if term not in cut]
            runs[name] = held_out_run(index, queries, keep=kept)
    return _results(qrels, runs, HELD_OUT, seed)


def format_results(results: Sequence[MethodResult]) -> str:
    """Return a table for people: means with intervals, and the paired test of each method.

    "Condensed" is nDCG@10 over judged trials only; P@5 and R@20 are condensed too.
    """
    queries = max(result.means[MAIN_MEASURE].queries for result in results)
    rows: list[tuple[str, ...]] = [
        (
            "method",
            "nDCG@10 (95 %)",
            "condensed (95 %)",
            "P@5",
            "R@20",
            "judged@10",
            f"{HELD_OUT} minus it",
        )
    ]
    # Ablations bring the reference once more.
    for result in {result.name: result for result in results}.values():
        plain, condensed, *others = (result.means[measure] for measure in MEASURES)
        test = result.against
        rows.append(
            (
                result.name,
                *(f"{one.mean:.3f} ({one.low:.3f}-{one.high:.3f})" for one in (plain, condensed)),
                *(f"{one.mean:.3f}" for one in others),
                "" if test is None else f"{test.difference:+.3f}, p = {test.p_value:.4f}",
            )
        )
    return "\n".join([*_columns(rows), f"{queries} queries"])


def format_by_query(results: Sequence[MethodResult], measure: str = MAIN_MEASURE) -> str:
    """Return a table of one measure: a line a query, a column a method."""
    queries = sorted(results[0].by_query)
    rows: list[tuple[str, ...]] = [("query", *(result.name for result in results))]
    for query in queries:
        values = (result.by_query[query][measure] for result in results)
        rows.append((query, *("-" if value is None else f"{value:.3f}" for value in values)))
    return "\n".join([*_columns(rows), measure])


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for first, *others in rows:
        cells = [f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([f"{first:{widths[0]}}", *cells]).rstrip())
    return lines


def encoder_scores(index: KinIndex) -> Scores:
    """Return the likeness by the encoder alone: cosine of the sums of a trial's view vectors.

    Every view's vector has unit length, so a long section weighs no more than a short one.
    """
    vectors = index.table.vectors.astype(np.float64)
    lengths = np.asarray(index.table.vector_norms, dtype=np.float64)[:, :, None]
    unit = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    summed = unit.sum(axis=0)
    norms = np.linalg.norm(summed, axis=1, keepdims=True)
    summed = np.divide(summed, norms, out=np.zeros_like(summed), where=norms > 0)
    return lambda row: np.asarray(summed @ summed[row], dtype=np.float64)


def _results(
    qrels: Qrels, runs: Mapping[str, Run], reference: str, seed: int
) -> list[MethodResult]:
    scored = {name: evaluate_run(qrels, run) for name, run in runs.items()}
    return [
        MethodResult(
            name=name,
            by_query=by_query,
            means=means(by_query, seed=seed),
            against=None
            if name == reference
            else paired_test(scored[reference], by_query, MAIN_MEASURE, seed=seed),
        )
        for name, by_query in scored.items()
    ]


def _run(index: KinIndex, qrels: Qrels, scores: Scores) -> Run:
    place = {nct_id: row for row, nct_id in enumerate(index.nct_ids)}
    return {
        query: dict(zip(index.nct_ids, scores(place[query]).tolist(), strict=True))
        for query in qrels
        if query in place
    }


def _random_scores(number: int, seed: int) -> Scores:
    return lambda row: np.random.default_rng([seed, row]).random(number)


def _tfidf_scores(texts: Sequence[str]) -> Scores:
    from sklearn.feature_extraction.text import TfidfVectorizer

    matrix = TfidfVectorizer(sublinear_tf=True, stop_words="english").fit_transform(texts)
    return lambda row: np.asarray((matrix @ matrix[row].T).todense()).ravel()


def _bm25_scores(texts: Sequence[str]) -> Scores:
    """Return Okapi BM25 with each distinct word of the query trial as a query word."""
    counts = [Counter(words(text)) for text in texts]
    lengths = np.array([sum(count.values()) for count in counts], dtype=np.float64)
    norm = _K1 * (1 - _B + _B * lengths / max(1.0, float(lengths.mean())))
    postings: dict[str, list[tuple[int, int]]] = {}
    for row, count in enumerate(counts):
        for word, times in count.items():
            postings.setdefault(word, []).append((row, times))

    def scores(row: int) -> NDArray[np.float64]:
        total = np.zeros(len(texts))
        for word in sorted(counts[row]):
            found = np.array(postings[word], dtype=np.float64)
            rows = found[:, 0].astype(np.int64)
            rarity = math.log(1 + (len(texts) - len(found) + 0.5) / (len(found) + 0.5))
            total[rows] += rarity * found[:, 1] * (_K1 + 1) / (found[:, 1] + norm[rows])
        return total

    return scores
