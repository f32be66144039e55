"""Word pieces of texts, word by word: the same words stand in most texts, and are kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

_ASCII_PUNCTUATION = r"!-/:-@\[-`{-~"
_BLANK = re.compile(r"[\t-\r ]+")
_ASCII_WORD = re.compile(rf"[^\t-\r {_ASCII_PUNCTUATION}]+|[{_ASCII_PUNCTUATION}]")
_NORMALISED_BY = ["NFKC", "Lowercase", "StripAccents"]

_LONGEST_KEPT, _WORDS_KEPT = 40, 1 << 16


class KeptPieces:
    """Ids of the word pieces of texts, as a tokenizer gives them but in no order.

    Parameters
    ----------
    tokenizer : tokenizers.Tokenizer
        If it is one that reads each word by itself (`reads_words_alone`), a word is given to it
        once; else it gets whole texts.

    Notes
    -----
    Looking up a word that is known takes a fifth of the time of cutting it up again.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._alone = reads_words_alone(tokenizer)
        self._kept: dict[str, list[int]] = {}

    def ids(self, texts: Sequence[str]) -> list[NDArray[np.int64]]:
        """Return the ids of the pieces of each text, each as often as it stands there."""
        if not self._alone:
            return [_array(ids) for ids in self._cut(texts)]
        split = [_words(text) for text in texts]
        # Other threads may ask too: what is kept is added to, or left behind, but never shrinks.
        kept = self._kept
        known: dict[str, list[int]] = {}
        missing: list[str] = []
        for word in set().union(*split):
            ids = kept.get(word)
            if ids is None:
                missing.append(word)
            else:
                known[word] = ids
        for word, ids in zip(missing, self._cut(missing), strict=True):
            known[word] = ids
            if len(word) <= _LONGEST_KEPT:
                kept[word] = ids
        if len(kept) > _WORDS_KEPT:
            self._kept = {}
        return [_array(chain.from_iterable(map(known.__getitem__, words))) for words in split]

    def _cut(self, texts: Sequence[str]) -> list[list[int]]:
        encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [encoding.ids for encoding in encodings]


def reads_words_alone(tokenizer: Any) -> bool:
    """Tell whether a tokenizer's pieces of a text are those of its words, one by one.

    So does WordPiece behind a cut at blanks and signs, where nothing that comes before it
    reaches over a blank and nothing in a text is a token of its own.
    """
    normalizer = tokenizer.normalizer
    return (
        _kind(tokenizer.model) == "WordPiece"
        and _kind(tokenizer.pre_tokenizer) == "BertPreTokenizer"
        and _kind(normalizer) == "Sequence"
        and [_kind(step) for step in normalizer] == _NORMALISED_BY
        and tokenizer.truncation is None
        and tokenizer.padding is None
        and not tokenizer.get_added_tokens_decoder()
    )


def _array(ids: Iterable[int]) -> NDArray[np.int64]:
    return np.fromiter(ids, dtype=np.int64)


def _kind(part: object) -> str:
    return type(part).__name__


def _words(text: str) -> list[str]:
    """Cut a text into ASCII words and signs in small letters, and what else blanks part."""
    if text.isascii():
        return _ASCII_WORD.findall(text.lower())
    # A sign may melt into what follows if that is not ASCII ("=" and U+0338), a blank never.
    parts = _BLANK.split(text)
    plain = " ".join([part for part in parts if part.isascii()])
    return _ASCII_WORD.findall(plain.lower()) + [part for part in parts if not part.isascii()]
