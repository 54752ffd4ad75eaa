"""The choice of the instruction set."""

from __future__ import annotations

import pytest

from fastw2v import isa
from fastw2v._core import block_seconds, instruction_sets


@pytest.fixture(autouse=True)
def forget_the_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(isa.VARIABLE, raising=False)
    isa.fastest_isa.cache_clear()
    monkeypatch.setattr(isa, "fastest_isa", isa.fastest_isa.__wrapped__)


def sets(monkeypatch: pytest.MonkeyPatch, seconds: dict[str, float], **usable: bool) -> None:
    monkeypatch.setattr(isa, "instruction_sets", lambda: usable)
    monkeypatch.setattr(isa, "block_seconds", seconds.__getitem__)


@pytest.mark.parametrize(("avx512", "chosen"), [(1.0, "avx512"), (3.0, "avx2")])
def test_the_faster_of_two_is_chosen_by_its_time(
    monkeypatch: pytest.MonkeyPatch, avx512: float, chosen: str
) -> None:
    seconds = {"avx512": avx512, "avx2": 2.0}
    sets(monkeypatch, seconds, avx512=True, avx2=True, scalar=True)
    assert isa.chosen_isa() == chosen


def test_nothing_is_timed_where_there_is_no_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    sets(monkeypatch, {}, avx512=False, avx2=True, scalar=True)
    assert isa.chosen_isa() == "avx2"
    sets(monkeypatch, {}, avx512=False, avx2=False, scalar=True)
    assert isa.chosen_isa() == "scalar"


def test_the_variable_decides_and_a_wrong_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    sets(monkeypatch, {}, avx512=False, avx2=True, scalar=True)
    monkeypatch.setenv(isa.VARIABLE, "scalar")
    assert isa.chosen_isa() == "scalar"
    monkeypatch.setenv(isa.VARIABLE, "avx512")
    with pytest.raises(ValueError, match="FASTW2V_ISA must be one of avx2, scalar here"):
        isa.chosen_isa()


def test_every_usable_set_can_be_timed() -> None:
    for name, usable in instruction_sets().items():
        if usable:
            assert 0 < block_seconds(name, 1) < 1
