"""The vocabulary of the encoder of our own: which words are whole, and pieces for the others."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Any

_UNKNOWN = "[UNK]"
_LONGEST_WORD = 40
_LEAST_COUNT = 3
_WHOLE_WORDS = 0.85
_WORD = re.compile(r"[^\W_]+|[^\w\s]|_")


def make_tokenizer(texts: Iterable[str], size: int) -> Any:
    """Return a `tokenizers.Tokenizer` with a vocabulary chosen for texts, see `choose_pieces`."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    vocabulary = choose_pieces(texts, size)
    tokenizer = Tokenizer(
        models.WordPiece(
            vocab={piece: place for place, piece in enumerate(vocabulary)},
            unk_token=_UNKNOWN,
            max_input_chars_per_word=_LONGEST_WORD,
        )
    )
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Lowercase(), normalizers.StripAccents()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def choose_pieces(texts: Iterable[str], size: int) -> list[str]:
    """Choose a vocabulary: frequent words whole, and pieces to make up the others.

    Parameters
    ----------
    texts : iterable of str
    size : int
        At most this many pieces.

    Returns
    -------
    list of str
        The unknown piece, single characters, then words and pieces, most frequent first. A
        piece that continues a word begins with ``##``.

    Notes
    -----
    The trainers of the tokenizers library break ties by chance (their tables are hashed
    anew in each process), so no two trainings would give the same encoder. Counting does.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(_WORD.findall(_folded(text)))
    frequent = [word for word, count in counts.items() if count >= _LEAST_COUNT]
    frequent.sort(key=lambda word: (-counts[word], word))
    letters = Counter(letter for word in frequent for letter in word)
    kept = sorted(letters, key=lambda letter: (-letters[letter], letter))[: size // 16]
    pieces = dict.fromkeys([_UNKNOWN, *sorted(kept), *(f"##{letter}" for letter in sorted(kept))])
    whole = int((size - len(pieces)) * _WHOLE_WORDS)
    pieces |= dict.fromkeys(word for word in frequent if len(word) <= _LONGEST_WORD)
    if len(pieces) > whole:
        pieces = dict.fromkeys(list(pieces)[:whole])
    parts: Counter[str] = Counter()
    for word, count in counts.items():
        if word not in pieces and len(word) <= _LONGEST_WORD:
            for cut in range(2, len(word) - 1):
                parts[word[:cut]] += count
                parts[f"##{word[cut:]}"] += count
    ordered = sorted(parts, key=lambda part: (-parts[part] * len(part.lstrip("#")), part))
    for part in ordered:
        if len(pieces) >= size:
            break
        pieces.setdefault(part)
    return list(pieces)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).lower()
    if plain.isascii():
        return plain
    split = unicodedata.normalize("NFD", plain)
    return "".join(letter for letter in split if unicodedata.category(letter) != "Mn")
