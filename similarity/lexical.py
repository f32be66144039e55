"""Words of a text, and how much each says: weights learned once, then frozen."""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ontology.errors import EncoderError
from similarity.bags import Bag

_WORD = re.compile(r"[^\W_]+")
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_PLURAL = re.compile(r"(?:(?<=[^isu])s|(?<=ss)es|(?<=x)es|(?<=ch)es|(?<=sh)es)$")


def words(text: str) -> list[str]:
    """Split a text into lower-case words, plural endings taken off.

    Examples
    --------
    >>> words("Umbilical-cord MSCs: 2 infusions")
    ['umbilical', 'cord', 'msc', '2', 'infusion']
    """
    return [_stem(word) for word in _split(text)]


def count_words(text: str) -> Counter[str]:
    """Count the words of a text, as `words` gives them, in the order in which each first comes."""
    counts: dict[str, int] = {}
    for word, count in Counter(_split(text)).items():
        stem = _stem(word)
        counts[stem] = counts.get(stem, 0) + count
    return Counter(counts)


def _split(text: str) -> list[str]:
    if text.isascii():  # then it is in form NFKC
        return _ASCII_WORD.findall(text.lower())
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    if len(word) < 4 or not word.isascii():
        return word
    if word.endswith("ies") and len(word) > 5:
        return word[:-3] + "y"
    return _PLURAL.sub("", word)


@lru_cache(maxsize=1 << 18)
def term_id(term: str) -> int:
    """Return a number for a term that needs no vocabulary, so that none has to be shared."""
    return int.from_bytes(hashlib.blake2b(term.encode(), digest_size=4).digest(), "big")


class TermWeights:
    """Weights of terms by their rarity (inverse document frequency), learned once and frozen.

    Attributes
    ----------
    ids : ndarray of uint32, sorted
    weights : ndarray of float32
    unseen : float
        Weight of a term that training did not see (or saw too seldom to keep).
    """

    def __init__(
        self, ids: NDArray[np.uint32], weights: NDArray[np.float32], unseen: float
    ) -> None:
        self.ids, self.weights, self.unseen = ids, weights, float(unseen)
        self._known: Mapping[int, float] = dict(
            zip(ids.tolist(), weights.astype(np.float64).tolist(), strict=True)
        )

    @classmethod
    def learn(
        cls, documents: Iterable[Iterable[str]], *, least_documents: int = 2, cap: float = 9.0
    ) -> TermWeights:
        """Count in how many documents each term stands.

        Weights are ``ln((1 + n) / (1 + df))``, at most `cap`.
        """
        counts: Counter[str] = Counter()
        number = 0
        for terms in documents:
            number += 1
            counts.update(set(terms))
        kept: dict[int, int] = {}
        for term, count in counts.items():
            if count >= least_documents:
                kept[term_id(term)] = max(count, kept.get(term_id(term), 0))
        ids = np.array(sorted(kept), dtype=np.uint32)
        weights = [min(cap, math.log((1 + number) / (1 + kept[term]))) for term in ids.tolist()]
        unseen = min(cap, math.log((1 + number) / 2))
        return cls(ids, np.array(weights, dtype=np.float32), unseen)

    @classmethod
    def load(cls, path: Path) -> TermWeights:
        """Read weights from an ``.npz`` file.

        Raises
        ------
        EncoderError
            If the file is missing or of another make.
        """
        try:
            with np.load(path) as arrays:
                return cls(arrays["ids"], arrays["weights"].astype(np.float32), arrays["unseen"])
        except (OSError, KeyError, ValueError) as error:
            raise EncoderError(f"{path} holds no term weights ({error}); train anew.") from None

    def save(self, path: Path) -> None:
        """Write the weights; as float16, which is precise enough for a rarity."""
        np.savez_compressed(
            path,
            ids=self.ids,
            weights=self.weights.astype(np.float16),
            unseen=np.float32(self.unseen),
        )

    def weight(self, term: str) -> float:
        """Return the weight of a term."""
        return self._known.get(term_id(term), self.unseen)

    def knows(self, term: str) -> bool:
        """Tell whether training saw a term often enough to keep it."""
        return term_id(term) in self._known

    def bag(self, counts: Mapping[str, float]) -> Bag:
        """Weigh a trial's terms: ``(1 + ln count) * rarity``, scaled to unit length."""
        weighed: dict[int, float] = {}
        rarity_of, unseen, log = self._known.get, self.unseen, math.log
        for number, count in zip(map(term_id, counts), counts.values(), strict=True):
            rarity = rarity_of(number, unseen)
            if rarity > 0 and count > 0:
                value = ((1 + log(count)) if count > 1 else count) * rarity
                weighed[number] = weighed[number] + value if number in weighed else value
        numbers = sorted(weighed)
        values = [weighed[number] for number in numbers]
        length = math.sqrt(math.fsum([value * value for value in values]))
        ids, weights = np.array(numbers, dtype=np.uint32), np.array(values, dtype=np.float64)
        return ids, (weights / length if length > 0 else weights).astype(np.float32)
