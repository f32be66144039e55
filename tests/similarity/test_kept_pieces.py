"""Word by word, a text has the pieces that its tokenizer cuts it into."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from similarity import kept_pieces
from similarity.encoders import load_encoder
from similarity.kept_pieces import KeptPieces, reads_words_alone
from similarity.static_encoder import StaticEncoder

# What may melt into its neighbour, is a blank, a sign or nothing at all, or changes with its case.
_SIGNS = (
    "aB19 =<>-.,'()\n\t\x0b\x1c\x1f\x85\xa0\u2003\u3000\u200b\ufeff"
    "\u0301\u0338\u0345\u1100\u1161\u11a8\uac00\ufb01\u0130\u0131\u00df\u00c5\u03a3\u03c2"
    "\u3001\u00bd\u00b2\u4e2d\U0001d400[]"
)


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    encoder = load_encoder("trialkin")
    assert isinstance(encoder, StaticEncoder)
    return encoder.tokenizer


def cut(tokenizer: Any, text: str) -> list[int]:
    return sorted(tokenizer.encode(text, add_special_tokens=False).ids)


@settings(max_examples=400, deadline=None)
@given(text=st.text(alphabet=_SIGNS, max_size=30) | st.text(max_size=30))
def test_any_text_has_the_pieces_that_the_tokenizer_gives(tokenizer: Any, text: str) -> None:
    (ids,) = KeptPieces(tokenizer).ids([text])
    assert sorted(ids.tolist()) == cut(tokenizer, text)


def test_texts_of_a_batch_and_of_the_next_share_their_words(tokenizer: Any) -> None:
    pieces = KeptPieces(tokenizer)
    texts = ["Umbilical-cord MSCs, 2x10^6/kg", "", "MSCs vs. Müller cells", "= \u0338x =\u0338x"]
    for _ in range(2):
        assert [sorted(ids.tolist()) for ids in pieces.ids(texts)] == [
            cut(tokenizer, text) for text in texts
        ]
    assert pieces.ids([]) == []


def test_no_more_than_a_number_of_short_words_is_kept(
    tokenizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_pieces, "_WORDS_KEPT", 3)
    pieces = KeptPieces(tokenizer)
    pieces.ids(["knee pain " + "x" * 41])
    assert set(pieces._kept) == {"knee", "pain"}
    (ids,) = pieces.ids(["lupus of the knee"])
    assert sorted(ids.tolist()) == cut(tokenizer, "lupus of the knee")
    assert not pieces._kept


def test_a_tokenizer_that_reads_over_blanks_gets_whole_texts() -> None:
    other = Tokenizer(models.WordPiece({"[UNK]": 0, "a b": 1, "a": 2, "b": 3}, unk_token="[UNK]"))
    assert not reads_words_alone(other)
    assert [ids.tolist() for ids in KeptPieces(other).ids(["a b", "a"])] == [[1], [2]]


def test_what_could_change_the_pieces_of_a_word_is_noticed(tokenizer: Any) -> None:
    assert reads_words_alone(tokenizer)
    for spoil in (
        lambda t: t.enable_truncation(5),
        lambda t: t.add_tokens(["knee pain"]),
        lambda t: setattr(t, "normalizer", normalizers.NFKC()),
        lambda t: setattr(t, "pre_tokenizer", pre_tokenizers.Metaspace()),
    ):
        spoilt = Tokenizer.from_str(tokenizer.to_str())
        assert reads_words_alone(spoilt)
        spoil(spoilt)
        assert not reads_words_alone(spoilt)
