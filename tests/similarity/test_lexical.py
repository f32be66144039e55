from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from ontology.errors import EncoderError
from similarity.bags import BagIndex
from similarity.lexical import TermWeights, count_words, words


@pytest.fixture
def weights() -> TermWeights:
    return TermWeights.learn([["a", "b"], ["a", "c"], ["a"], ["a", "b"]], least_documents=1)


def test_words_are_folded_and_plural_endings_go():
    assert words("Studies of MSCs, Crohn's diseases & boxes!") == [
        "study", "of", "msc", "crohn", "s", "disease", "box",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "MSCs, msc & MSC", "Étude études; ﬁbrosis 2² boxes"])
def test_words_are_counted_as_they_are_split(text):
    assert list(count_words(text).items()) == list(Counter(words(text)).items())


def test_rarity_is_the_logarithm_of_documents_over_those_with_the_term(weights):
    assert weights.weight("a") == pytest.approx(math.log(5 / 5), abs=1e-6)
    assert weights.weight("b") == pytest.approx(math.log(5 / 3), abs=1e-6)
    assert weights.weight("never seen") == pytest.approx(math.log(5 / 2))
    assert weights.knows("c")
    assert not weights.knows("never seen")


def test_a_bag_has_unit_length_and_common_terms_weigh_nothing(weights):
    ids, values = weights.bag(Counter("aabbc"))
    assert len(ids) == 2  # "a" is everywhere
    assert float((values.astype(float) ** 2).sum()) == pytest.approx(1.0, abs=1e-6)
    assert weights.bag({})[0].size == 0


def test_cosines_of_bags_equal_those_of_plain_vectors(weights):
    bags = [weights.bag(Counter(text)) for text in ("bbc", "c", "", "bx", "xyz")]
    index = BagIndex.from_bags(bags)
    for at, (ids, values) in enumerate(bags):
        plain = dict(zip(ids.tolist(), values.tolist(), strict=True))
        expected = [
            sum(plain.get(i, 0.0) * v for i, v in zip(*(x.tolist() for x in bag), strict=True))
            for bag in bags
        ]
        assert index.cosines(index.row(at)).tolist() == pytest.approx(expected, abs=1e-7)


def test_a_cosine_does_not_depend_on_what_else_is_indexed(weights):
    bags = [weights.bag(Counter(text)) for text in ("bbc", "cbx", "xyzb")]
    alone = BagIndex.from_bags(bags[:2]).cosines(bags[0])
    more = BagIndex.from_bags([*bags[:2], *bags]).cosines(bags[0])
    assert alone.tolist() == more[:2].tolist()


def test_an_empty_index_answers():
    assert BagIndex.from_bags([]).cosines(TermWeights.learn([["a"]]).bag({"a": 1})).size == 0


def test_weights_survive_a_file_and_another_file_is_refused(weights, tmp_path):
    weights.save(tmp_path / "words.npz")
    again = TermWeights.load(tmp_path / "words.npz")
    assert again.ids.tolist() == weights.ids.tolist()
    assert again.weight("b") == pytest.approx(weights.weight("b"), rel=1e-3)
    np.savez(tmp_path / "other.npz", x=np.zeros(1))
    with pytest.raises(EncoderError, match="no term weights"):
        TermWeights.load(tmp_path / "other.npz")
