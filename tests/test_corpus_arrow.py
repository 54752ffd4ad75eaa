"""Arrow data that are damaged, or of the types that other libraries write."""

import random
import subprocess
import sys

import numpy as np
import pytest

from fastw2v import Phrases, Word2Vec
from fastw2v.corpus import Reading, arrow, scan_files, scan_objects
from fastw2v.errors import CorpusError

pa = pytest.importorskip("pyarrow")
ipc = pytest.importorskip("pyarrow.ipc")
parquet = pytest.importorskip("pyarrow.parquet")

TEXTS = ["a b", None, "", "long words, of more than twelve bytes each", "a é"] * 20
LISTS = [None if text is None else text.split() for text in TEXTS]
NUMBERS = [None, [], [1, 2, 3], [2], [-5, 2**40]] * 20

TEXT_TYPES = [
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    pa.binary(),
    pa.binary_view(),
    pa.dictionary(pa.int32(), pa.string()),
    pa.dictionary(pa.uint8(), pa.string_view()),
]
NUMBER_TYPES = [pa.int64(), pa.dictionary(pa.int8(), pa.int64())]


def text_array(values, kind):
    """Make an array of any of the types above, most of which `pa.array` cannot."""
    if pa.types.is_dictionary(kind):
        distinct = list(dict.fromkeys(value for value in values if value is not None))
        index = {value: place for place, value in enumerate(distinct)}
        places = pa.array([index.get(value) for value in values], kind.index_type)
        return pa.DictionaryArray.from_arrays(places, pa.array(distinct, kind.value_type))
    if kind in (pa.binary(), pa.binary_view()):
        return pa.array([None if v is None else v.encode() for v in values], kind)
    return pa.array(values, kind)


def list_array(lists, kind, make):
    flat = [token for tokens in lists for token in tokens or ()]
    is_text = flat and isinstance(flat[0], str)
    values = text_array(flat, kind) if is_text or pa.types.is_dictionary(kind) else pa.array(flat)
    ends = np.cumsum([0, *(len(tokens or ()) for tokens in lists)])
    mask = pa.array([tokens is None for tokens in lists])
    offsets = pa.array(ends, pa.int32() if make is pa.ListArray else pa.int64())
    return make.from_arrays(offsets, values, mask=mask)


def outcome(scan):
    return scan.keys(range(len(scan.counts))), scan.counts.tolist(), scan.n_sentences


def corpora(array, directory):
    """The same rows as a table, a slice, and files."""
    table = pa.table({"id": range(len(array)), "text": array})
    yield scan_objects(table)
    yield scan_objects(pa.chunked_array([array.slice(0, 7), array.slice(7)]))
    for name, compression in (("plain", None), ("packed", "lz4")):
        options = ipc.IpcWriteOptions(compression=compression)
        for kind, new in (("file", ipc.new_file), ("stream", ipc.new_stream)):
            path = directory / f"{name}.{kind}"
            with new(path, table.schema, options=options) as writer:
                writer.write_table(table, max_chunksize=30)
            yield scan_files([path], workers=2)


@pytest.mark.parametrize("kind", TEXT_TYPES, ids=str)
def test_texts_of_all_types(tmp_path, kind, monkeypatch):
    expected = outcome(scan_objects(pa.table({"text": TEXTS})))
    monkeypatch.setattr(arrow, "_ROWS", 8)
    for scan in corpora(text_array(TEXTS, kind), tmp_path):
        assert outcome(scan) == expected


@pytest.mark.parametrize("make", [pa.ListArray, pa.LargeListArray])
@pytest.mark.parametrize("kind", TEXT_TYPES + NUMBER_TYPES, ids=str)
def test_lists_of_all_types(tmp_path, kind, make, monkeypatch):
    rows = NUMBERS if kind in NUMBER_TYPES else LISTS
    expected = outcome(scan_objects([row for row in rows if row is not None]))
    monkeypatch.setattr(arrow, "_ROWS", 8)
    for scan in corpora(list_array(rows, kind, make), tmp_path):
        assert outcome(scan) == expected


def test_lists_of_one_length_with_nulls_among_them(tmp_path):
    rows = [["a", "b"], None, ["b", "c"], ["a", "a"]]
    array = pa.array(rows, pa.list_(pa.string(), 2))
    expected = outcome(scan_objects([row for row in rows if row is not None]))
    for scan in corpora(array, tmp_path):
        assert outcome(scan) == expected
    assert outcome(scan_objects(pa.table({"t": array.slice(1)}))) == outcome(scan_objects(rows[2:]))


def test_null_rows_may_have_values_beneath_them():
    values = pa.array(["a", "hidden", "hidden", "b"])
    array = pa.ListArray.from_arrays(
        pa.array([0, 1, 3, 4], pa.int32()), values, mask=pa.array([False, True, False])
    )
    assert outcome(scan_objects(array)) == (["a", "b"], [1, 1], 2)


def test_bytes_that_are_not_utf8_are_left_to_the_reading(tmp_path):
    data = pa.array([b"fine", b"caf\xe9 x"]).view(pa.string())
    path = tmp_path / "a.arrow"
    with ipc.new_file(path, pa.schema({"text": pa.string()})) as writer:
        writer.write_batch(pa.record_batch({"text": data}))
    with pytest.raises(CorpusError, match=r"a\.arrow, line 2: .* is not UTF-8"):
        scan_files([path], workers=1)
    scan = scan_files([path], workers=1, reading=Reading(errors="skip"))
    assert outcome(scan)[0] == ["fine", "x"]


def damaged(kind, values):
    """An array whose offsets lead out of its data."""
    offsets = pa.py_buffer(np.array(values, np.int32))
    return pa.Array.from_buffers(kind, len(values) - 1, [None, offsets, pa.py_buffer(b"abc")])


@pytest.mark.parametrize("offsets", [[0, 9, 3], [0, -1, 3], [2, 1, 3]])
@pytest.mark.parametrize("kind", [pa.string(), pa.binary()], ids=str)
def test_offsets_that_lead_out_of_the_data(offsets, kind):
    with pytest.raises(CorpusError, match="the Arrow or Parquet data are damaged"):
        scan_objects(damaged(kind, offsets))
    lists = pa.ListArray.from_arrays(pa.array([0, 1, 2], pa.int32()), damaged(kind, offsets))
    with pytest.raises(CorpusError, match="the Arrow or Parquet data are damaged"):
        scan_objects(lists)


FLIPPING = """
import random, resource, sys
from pathlib import Path
from fastw2v.corpus import scan_files
from fastw2v.errors import CorpusError

rng, outcomes = random.Random(int(sys.argv[2])), []
mutant = Path(sys.argv[1], "mutant")
for path in sorted(Path(sys.argv[1]).glob("*.whole")):
    whole = path.read_bytes()
    for _ in range(25):
        data = bytearray(whole)
        for _ in range(rng.choice((1, 1, 1, 8))):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        mutant.write_bytes(data[: rng.choice((None, None, None, rng.randrange(len(data))))])
        try:
            scan_files([mutant], workers=1)
            outcomes.append("read")
        except CorpusError as error:
            assert str(mutant) in str(error), error
            outcomes.append("refused")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
print(len(outcomes), len(set(outcomes)), peak)
"""


def test_damaged_files_are_read_or_refused(tmp_path):
    """A process of its own, which crashed at every seventh file when buffers were trusted."""
    rng = random.Random(0)
    rows = [rng.choices(["a", "b", "cc", "é" * 20], k=rng.randrange(6)) for _ in range(200)]
    arrays = [text_array([" ".join(row) for row in rows], kind) for kind in TEXT_TYPES]
    arrays += [list_array(rows, kind, pa.ListArray) for kind in TEXT_TYPES]
    arrays += [list_array([list(map(len, row)) for row in rows], pa.int64(), pa.ListArray)]
    for number, array in enumerate(arrays):
        table = pa.table({"text": array})
        path = tmp_path / f"{number}.whole"
        if number % 3 == 0 and "view" not in str(array.type):
            parquet.write_table(table, path, row_group_size=50)
            continue
        options = ipc.IpcWriteOptions(compression="lz4" if number % 2 else None)
        new = ipc.new_file if number % 4 < 2 else ipc.new_stream
        with new(path, table.schema, options=options) as writer:
            writer.write_table(table, max_chunksize=50)
    done = subprocess.run(
        [sys.executable, "-c", FLIPPING, str(tmp_path), "1"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    n_files, n_outcomes, peak = map(int, done.stdout.split())
    assert (n_files, n_outcomes) == (25 * len(arrays), 2)
    assert peak < 1000  # MiB; one bit made it 21 GB


def test_bytes_in_lists_that_are_not_utf_8_are_told_without_advice_for_text():
    """No errors= and no iconv helps there."""
    column = pa.array([[b"a", b"\xff"]] * 4, pa.list_(pa.binary()))
    for call in (lambda: Word2Vec(column, min_count=1, errors="replace"), lambda: Phrases(column)):
        with pytest.raises(CorpusError, match=r"word b'\\xff' is not UTF-8; give lists of str"):
            call()
