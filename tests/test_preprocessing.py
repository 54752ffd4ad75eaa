"""Tokenising as gensim does."""

from __future__ import annotations

import inspect

import pytest

from fastw2v import deaccent, preprocessing, simple_preprocess, simple_tokenize
from fastw2v.preprocessing import tokenize

TEXTS = [
    "Hello World_x 123 a1b2 __under _x É\u0301cole naïve İstanbul x²",
    "The quick " + "q" * 15 + " " + "q" * 16 + " a ab",
    "\u0301abc \u0665x ①y x\u200dz ªb don't e-mail 3rd",
    "Šéf chomutovských komunistů ﬁ ½ Å ł 한국어 日本語",
    "",
]


def test_tokens_are_runs_of_letters() -> None:
    assert list(simple_tokenize("Ab1c_d, e-f ÜNÏ 42")) == ["Ab", "c_d", "e", "f", "ÜNÏ"]
    assert list(tokenize("Aé B", lowercase=True, deacc=True)) == ["ae", "b"]
    for name in ("lowercase", "to_lower", "lower"):
        assert list(tokenize("A", **{name: True})) == ["a"]  # type: ignore[arg-type]


def test_simple_preprocess() -> None:
    assert simple_preprocess("A Dog_x __y " + "z" * 15 + " " + "z" * 16) == ["dog_x", "z" * 15]
    assert simple_preprocess("a bc def", min_len=1, max_len=2) == ["a", "bc"]
    assert simple_preprocess(b"caf\xc3\xa9 ol\xe9", deacc=True) == ["cafe", "ol"]
    with pytest.raises(TypeError, match="text must be str or bytes, got NoneType"):
        simple_preprocess(None)  # type: ignore[arg-type]


def test_deaccent() -> None:
    assert deaccent("Šéf chomutovských, Å ł") == "Sef chomutovskych, A ł"
    assert deaccent("é".encode()) == "e"
    with pytest.raises(UnicodeDecodeError):
        deaccent(b"\xff")


@pytest.mark.parametrize("text", TEXTS)
def test_gensim_gives_the_same(text: str) -> None:
    utils = pytest.importorskip("gensim.utils")
    assert deaccent(text) == utils.deaccent(text)
    assert list(simple_tokenize(text)) == list(utils.simple_tokenize(text))
    for deacc in (False, True):
        for sizes in ((2, 15), (1, 3), (0, 99)):
            assert simple_preprocess(text, deacc, *sizes) == utils.simple_preprocess(
                text, deacc, *sizes
            )
        assert list(tokenize(text, True, deacc)) == list(utils.tokenize(text, True, deacc))


def test_gensim_has_the_same_parameters() -> None:
    utils = pytest.importorskip("gensim.utils")
    for name in ("tokenize", "simple_tokenize", "simple_preprocess", "deaccent", "to_unicode"):
        ours, theirs = (inspect.signature(getattr(m, name)) for m in (preprocessing, utils))
        assert [(p.name, p.default) for p in ours.parameters.values()] == [
            (p.name, p.default) for p in theirs.parameters.values()
        ]
