"""Python objects that C reads as they lie in memory, against the same as lists."""

import random
import sys

import numpy as np
import pytest

from fastw2v import LineSentence, Phrases, Word2Vec, save_as_line_sentence
from fastw2v.corpus import Reading, encode_objects, scan_files, scan_objects, segments
from fastw2v.errors import CorpusError
from fastw2v.vocab import Vocabulary
from tests.corpora import walks

END = -(2**31)


def outcome(corpus, workers=1, **options):
    scan = scan_objects(corpus, workers=workers, **options)
    vocabulary = Vocabulary.from_scan(scan, min_count=2)
    assert {type(key) for key in vocabulary.keys} <= {int, str}
    again = encode_objects(corpus, vocabulary, workers=workers, **options)
    store = scan.encode(vocabulary, workers=workers)
    assert again.ids.tolist() == store.ids.tolist()
    assert (again.longest, again.n_sentences) == (store.longest, store.n_sentences)
    assert (again.n_corpus, again.n_oov) == (store.n_corpus, store.n_oov)
    return vocabulary.keys, vocabulary.counts.tolist(), store.ids.tolist(), store.n_sentences


def ragged(seed, n=40, most=6):
    rng = random.Random(seed)
    return [[rng.randrange(-5, 9) for _ in range(rng.randrange(most))] for _ in range(n)]


def as_arrays(rows, dtype=np.int64):
    offsets = np.cumsum([0, *map(len, rows)])
    return offsets, np.array([value for row in rows for value in row], dtype=dtype)


@pytest.mark.parametrize("dtype", ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">i4"])
@pytest.mark.parametrize("workers", [1, 3])
def test_walks(monkeypatch, dtype, workers):
    from fastw2v.corpus import objects

    array = np.abs(walks()).astype(dtype)
    expected = outcome(array.tolist())
    assert outcome(array, workers) == expected
    monkeypatch.setattr(objects, "_BATCH", 30)
    monkeypatch.setattr(segments, "SEGMENT_TOKENS", 7)
    assert outcome(array, workers) == expected
    assert outcome(np.asfortranarray(array), workers) == expected
    assert outcome(np.repeat(array, 2, axis=1)[:, ::2], workers) == expected


@pytest.mark.parametrize("batch", [1, 5, 1 << 20])
@pytest.mark.parametrize("segment_tokens", [1, 3, 2 << 20])
def test_offsets_and_values(monkeypatch, batch, segment_tokens):
    from fastw2v.corpus import objects

    monkeypatch.setattr(objects, "_BATCH", batch)
    monkeypatch.setattr(segments, "SEGMENT_TOKENS", segment_tokens)
    for seed in range(10):
        rows = ragged(seed)
        assert outcome(as_arrays(rows, np.int32), 2) == outcome(rows)


def test_many_and_large_numbers():
    rng = np.random.default_rng(0)
    array = rng.integers(-(2**63), 2**63 - 1, (2000, 20), dtype=np.int64)
    array[5] = array[3]
    array[0, 0], array[0, 1] = 2**63 - 1, -(2**63)
    array[1, :2] = array[0, :2]
    assert outcome(array, 2) == outcome(array.tolist())
    with pytest.raises(CorpusError, match="18446744073709551615 needs more than 63 bits"):
        scan_objects(np.array([[2**64 - 1]], dtype=np.uint64))


def test_no_python_object_for_a_token():
    """A million tokens, and hardly any memory that Python knows of."""
    import tracemalloc

    array = walks(n=100_000, length=10)
    tracemalloc.start()
    model = Word2Vec(array, min_count=1, epochs=1, vector_size=4, workers=1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert model.ledger.corpus == 1_000_000
    assert peak < 8 * len(array) * 10 * 3  # batches of 64-bit numbers; an int alone has 28 bytes
    assert model.wv.index_to_key[0] in range(-3, 20)
    assert type(model.wv.index_to_key[0]) is int


def test_the_same_vectors_as_from_lists():
    options = {"vector_size": 8, "min_count": 2, "workers": 1, "epochs": 2}
    array = walks()
    expected = Word2Vec(array.tolist(), **options)
    for corpus in (array, as_arrays(array.tolist())):
        model = Word2Vec(corpus, **options)
        assert model.wv.index_to_key == expected.wv.index_to_key
        np.testing.assert_array_equal(model.wv.vectors, expected.wv.vectors)


def test_vocabulary_of_another_kind():
    vocabulary = Vocabulary([3, "3", np.int64(7), 2**70, ("x",), 5], [1] * 6)
    store = encode_objects(np.array([[3, 7, 4, 5]]), vocabulary)
    assert store.ids.tolist() == [0, 2, 5 + END]
    assert store.n_oov == 1
    scan = scan_objects(np.array([[3, 7, 4, 5]]))
    assert scan.encode(vocabulary).ids.tolist() == [0, 2, 5 + END]


def test_empty():
    for corpus in (np.zeros((0, 5), dtype=np.int32), (np.array([0]), np.array([], dtype=int))):
        scan = scan_objects(corpus, workers=2)
        assert (scan.n_tokens, scan.n_sentences, len(scan.counts)) == (0, 0, 0)
    scan = scan_objects(np.zeros((4, 0), dtype=np.int32), workers=2)
    assert (scan.n_tokens, scan.n_sentences) == (0, 4)


def test_arrays_that_are_no_corpus():
    for array in (np.arange(3), np.zeros((2, 3, 4), dtype=int)):
        with pytest.raises(TypeError, match=rf"got an array of shape \({array.shape[0]},"):
            scan_objects(array)
    with pytest.warns(PendingDeprecationWarning):
        matrix = np.matrix([[1, 2], [2, 1]])
    assert outcome(matrix) == outcome(np.asarray(matrix))
    with pytest.raises(TypeError, match="masked array"):
        scan_objects(np.ma.masked_less(walks(), 0))
    for offsets in ([1, 3], [0, 2], [0, 2, 1, 3], []):
        with pytest.raises(ValueError, match=r"\(offsets, values\): the offsets must begin with 0"):
            scan_objects((np.array(offsets, dtype=int), np.arange(3)))
    with pytest.raises(CorpusError, match="are for text"):
        scan_objects(walks(), reading=Reading("words"))
    assert scan_objects([np.arange(3), np.arange(2)]).counts.tolist() == [2, 2, 1]


@pytest.mark.parametrize(
    ("offsets", "values", "message"),
    [
        (np.array([0.0, 2.0]), np.array([1, 2]), r"offsets of float64 and shape \(2,\)"),
        (np.array([0, 2]), np.array([1.0, 2.0]), "values of float64"),
        (np.array([0, 2]), np.array(["a", "b"]), "values of <U1"),
        (np.array([0, 2]), np.array(["a", "b"], dtype=object), "values of object"),
        (np.array([0, 2]), np.array([[1, 2]]), r"values of int64 and shape \(1, 2\)"),
        (np.array([0, 2]), np.array([True, False]), "values of bool"),
        ([0, 2], np.array([1, 2]), "offsets in a list"),
        (np.array([0, 2]), [1, 2], "values in a list"),
    ],
)
def test_offsets_and_values_of_a_wrong_kind(offsets, values, message):
    """They were trained as two sentences of odd words."""
    with pytest.raises(TypeError, match=rf"both one-dimensional .* got {message}"):
        scan_objects((offsets, values))


def test_two_sentences_in_a_tuple():
    for pair in ((["a", "b"], ["c"]), (np.array(["a", "b"]), np.array(["c"])), ([1], [2, 3])):
        assert scan_objects(pair).n_sentences == 2


def test_cap_on_whole_numbers():
    array = walks()
    by_list = scan_objects(array.tolist(), max_vocab_size=5)
    scan = scan_objects(array, max_vocab_size=5)
    assert scan.keys(range(len(scan.counts))) == by_list.keys(range(len(by_list.counts)))
    assert scan.counts.tolist() == by_list.counts.tolist()


def test_texts_need_str():
    with pytest.raises(TypeError, match=r"a corpus is texts .*, item 2 is list"):
        scan_objects(["a b", ["a"]], reading=Reading(lowercase=True))
    with pytest.raises(TypeError, match=r"a corpus is texts .*, item 1 is list"):
        scan_objects([["a"]], reading=Reading(str.split))
    scan = scan_objects(["A b", "b\nc"], reading=Reading(str.split, lowercase=True))
    assert (scan.keys([0, 1, 2]), scan.n_sentences) == (["a", "b", "c"], 3)


# Arrow ----------------------------------------------------------------------------------------

WORDS = ["a", "", "two words", "ä", "longer-than-eight", "nul\0"]


def word_rows(seed):
    rng = random.Random(seed)
    return [rng.choices(WORDS, k=rng.randrange(5)) for _ in range(60)]


def arrow_types(pa):
    for text in (pa.string(), pa.large_string(), pa.dictionary(pa.int8(), pa.string())):
        for make in (pa.list_, pa.large_list):
            yield make(text)


@pytest.mark.parametrize("workers", [1, 3])
def test_arrow_lists(monkeypatch, workers):
    pa = pytest.importorskip("pyarrow")
    monkeypatch.setattr(segments, "SEGMENT_TOKENS", 11)
    rows = word_rows(workers)
    expected = outcome(rows)
    for kind in arrow_types(pa):
        array = pa.array(rows[:-1], type=kind)
        chunks = pa.chunked_array([array.slice(0, 20), array.slice(20), pa.array(rows[-1:], kind)])
        table = pa.table({"n": range(60), "words": chunks})
        for corpus in (table, table.select(["words"]), chunks):
            assert outcome(corpus, workers) == expected
        batch = pa.record_batch({"words": pa.array(rows, type=kind)})
        assert outcome(batch, workers) == expected
        assert outcome(pa.array(rows, type=kind), workers) == expected
    numbers = ragged(3)
    for kind in (pa.list_(pa.int16()), pa.large_list(pa.uint64()), pa.list_(pa.int64())):
        positive = [[abs(value) for value in row] for row in numbers]
        assert outcome(pa.table({"text": pa.array(positive, kind)}), workers) == outcome(positive)
    fixed = pa.array(walks().tolist(), pa.list_(pa.int32(), 12))
    assert outcome(pa.table({"w": fixed.slice(3)}), workers) == outcome(walks()[3:].tolist())


def test_any_object_with_the_protocol():
    pa = pytest.importorskip("pyarrow")

    class Stream:
        def __init__(self, table):
            self._table = table

        def __arrow_c_stream__(self, requested_schema=None):
            return self._table.__arrow_c_stream__(requested_schema)

    rows = word_rows(1)
    for value in (pa.table({"words": rows}), pa.chunked_array([rows])):
        assert outcome(Stream(value)) == outcome(rows)


def test_arrow_columns_of_one_name():
    pa = pytest.importorskip("pyarrow")
    columns = [pa.array([["a"]]), pa.array([["b"]]), pa.array([["c"]])]
    table = pa.table(columns, names=["text", "text", "x"])
    with pytest.raises(CorpusError, match="the corpus has 2 columns 'text'"):
        scan_objects(table)
    assert scan_objects(table, reading=Reading(field="x")).keys([0]) == ["c"]


def test_parquet_damaged_in_the_middle(tmp_path):
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"text": [["a", "b"]] * 1000}), path, row_group_size=100)
    whole = path.read_bytes()
    for begin in range(0, len(whole), len(whole) // 40):
        path.write_bytes(whole[:begin] + b"\xff" * 60 + whole[begin + 60 :])
        try:
            scan = scan_files([path], workers=1)
        except CorpusError as error:
            assert "a.parquet" in str(error)
        else:  # bytes that say nothing
            assert scan.counts.tolist() == [1000, 1000]


def test_arrow_texts():
    pa = pytest.importorskip("pyarrow")
    texts = ["A b", "", "b\nc a", None, "a"]
    reading = Reading(lowercase=True)
    for kind in (
        pa.string(),
        pa.large_string(),
        pa.binary(),
        pa.dictionary(pa.int8(), pa.string()),
    ):
        table = pa.table({"id": range(5), "text": pa.array(texts, pa.string()).cast(kind)})
        scan = scan_objects(table.slice(0), reading=reading)
        assert scan.keys(range(len(scan.counts))) == ["a", "b", "c"]
        assert (scan.counts.tolist(), scan.n_sentences) == ([3, 2, 1], 4)


def test_arrow_columns():
    pa = pytest.importorskip("pyarrow")
    table = pa.table({"id": [1], "title": ["t"], "tags": [["x", "y"]]})
    with pytest.raises(CorpusError, match=r"field=; there are 'id' \(int64\), 'title' \(string\)"):
        scan_objects(table)
    assert scan_objects(table, reading=Reading(field="tags")).n_tokens == 2
    with pytest.raises(CorpusError, match=r"no column 'x', only 'id'"):
        scan_objects(table, reading=Reading(field="x"))
    with pytest.raises(CorpusError, match=r"must hold texts, .* it has int64"):
        scan_objects(table, reading=Reading(field="id"))
    with pytest.raises(CorpusError, match="a null among the tokens"):
        scan_objects(pa.table({"w": [["a", None]]}))
    with pytest.raises(CorpusError, match="are for text"):
        scan_objects(table, reading=Reading(field="tags", lowercase=True))
    assert scan_objects(pa.table({"w": [["a"], None, ["a"]]})).n_sentences == 2
    assert scan_objects(table.slice(0, 0), reading=Reading(field="tags")).n_tokens == 0


def test_data_sets_by_their_methods():
    """As those of the `datasets` library, which may have been filtered and shuffled."""
    pa = pytest.importorskip("pyarrow")

    class DataSet:
        column_names = ("id", "text")

        def with_format(self, name):
            assert name == "arrow"
            return self

        def iter(self, batch_size):
            for text in ("b a", "a c"):
                yield pa.table({"id": [1], "text": [text]})

    scan = scan_objects(DataSet())
    assert (scan.keys([0, 1, 2]), scan.counts.tolist()) == (["b", "a", "c"], [1, 2, 1])


def test_without_pyarrow(monkeypatch):
    import sys

    class Stream:
        def __arrow_c_stream__(self):
            raise AssertionError

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(CorpusError, match=r"need pyarrow: install fastw2v\[arrow\]"):
        scan_objects(Stream())


# Objects that offer several protocols, and those that keep none of them well ---------------------

SERIES = {
    "lists": ([["a", "b"], ["c", "a"]], ["a", "b", "c"]),
    "mixed": ([["a", 1], ["c", "a"]], ["a", 1, "c"]),
    "numbers": ([[1, 2], [1]], [1, 2]),
    "floats": ([[1.5, 2.0], [1.5]], [1.5, 2.0]),
    "bytes": ([[b"a", b"b"], [b"a"]], [b"a", b"b"]),
    "tuples": ([[("a", 1)], [("a", 1), ("b", 2)]], [("a", 1), ("b", 2)]),
    "texts": (["a b", "c a"], ["a", "b", "c"]),
    "with nulls": ([["a", "b"], None, ["c", "a"]], ["a", "b", "c"]),
    "texts with nulls": (["a b", None, "c a"], ["a", "b", "c"]),
}


@pytest.fixture(params=[True, False], ids=["pyarrow", "no pyarrow"])
def with_or_without_pyarrow(request, monkeypatch):
    if request.param:
        pytest.importorskip("pyarrow")
    else:
        monkeypatch.setitem(sys.modules, "pyarrow", None)
    return request.param


@pytest.mark.usefixtures("with_or_without_pyarrow")
@pytest.mark.parametrize("name", SERIES)
@pytest.mark.parametrize("dtype", [object, None])
def test_series_of_pandas(name, dtype):
    pandas = pytest.importorskip("pandas")
    items, words = SERIES[name]
    series = pandas.Series(items, dtype=dtype)
    scan = scan_objects(series)
    assert scan.keys(range(len(scan.counts))) == words
    assert scan.n_sentences == 2
    store = encode_objects(series, Vocabulary.from_scan(scan, min_count=1))
    assert (len(store.ids), store.n_sentences) == (scan.n_tokens, 2)
    if "texts" in name:
        assert scan_objects(series, reading=Reading(lambda line: line.split())).n_sentences == 2


@pytest.mark.usefixtures("with_or_without_pyarrow")
@pytest.mark.parametrize("name", ["lists", "numbers", "texts", "with nulls", "texts with nulls"])
def test_series_of_polars(name):
    polars = pytest.importorskip("polars")
    items, words = SERIES[name]
    scan = scan_objects(polars.Series(items))
    assert (scan.keys(range(len(scan.counts))), scan.n_sentences) == (words, 2)


@pytest.mark.parametrize("compression", ["uncompressed", "lz4", "zstd"])
def test_what_polars_writes(tmp_path, compression):
    pytest.importorskip("pyarrow")
    polars = pytest.importorskip("polars")
    texts, lists = SERIES["texts with nulls"][0], SERIES["with nulls"][0]
    for number, column in enumerate((
        polars.Series(texts), polars.Series(texts, dtype=polars.Categorical),
        polars.Series(texts, dtype=polars.Enum(["a b", "c a"])), polars.Series(lists),
        polars.Series(lists, dtype=polars.List(polars.Categorical)),
        polars.Series([["a", "b"], ["c", "a"]], dtype=polars.Array(polars.String, 2)),
    )):  # fmt: skip
        frame = polars.DataFrame({"id": range(len(column)), "text": column})
        path = tmp_path / str(number)
        frame.write_ipc(path, compression=compression)
        frame.write_parquet(tmp_path / f"{number}.parquet")
        for scan in (
            scan_objects(frame), scan_objects(column), scan_files([path], workers=2),
            scan_files([tmp_path / f"{number}.parquet"], workers=2),
        ):  # fmt: skip
            found = scan.keys(range(len(scan.counts))), scan.counts.tolist(), scan.n_sentences
            assert found == (["a", "b", "c"], [2, 1, 1], 2)


def test_tables_that_hold_no_words():
    pytest.importorskip("pyarrow")
    pandas = pytest.importorskip("pandas")
    with pytest.raises(CorpusError, match=r"must hold texts, .* it has list<item: double>"):
        scan_objects(pandas.DataFrame({"text": [[1.5], [2.5]]}))
    with pytest.raises(CorpusError, match="pyarrow cannot take it for a column of texts"):
        scan_objects(pandas.DataFrame({"text": [["a", 1], ["b"]]}))


def test_columns_that_arrow_cannot_take():
    pytest.importorskip("pyarrow")
    pandas = pytest.importorskip("pandas")
    lists = pandas.Series([("a", "b"), None, ("a",), ("a", "b")], dtype="category")
    for corpus in (lists, pandas.DataFrame({"text": lists})):
        assert outcome(corpus) == outcome([["a", "b"], ["a"], ["a", "b"]])
    for rows in ([[2**63], [1]], [["\ud800"], ["a"]], [["a", 1], [2.5]]):
        scan = scan_objects(pandas.Series(rows))
        assert set(scan.keys(range(len(scan.counts)))) == {token for row in rows for token in row}
        with pytest.raises(CorpusError, match="give the column alone, and not the table"):
            scan_objects(pandas.DataFrame({"text": rows}))
    twice = pandas.DataFrame([["a", "b"]], columns=["text", "text"])
    with pytest.raises(CorpusError, match="Duplicate column names"):
        scan_objects(twice)
    texts = pandas.Series(["a", "b \ud800"], dtype=object)
    categories = pandas.Categorical.from_codes([0, 1], pandas.Index(texts, dtype=object))
    for corpus in (texts, pandas.Series(categories)):
        with pytest.raises(
            CorpusError, match=r"corpus, item 2: .*'\\ud800' is half of one; choose"
        ):
            scan_objects(corpus)
        scan = scan_objects(corpus, reading=Reading(errors="skip"))
        assert (scan.keys(range(2)), scan.n_sentences) == (["a", "b"], 2)


class Unwilling:
    """Arrow data that their library cannot give after all."""

    def __init__(self, items, failure):
        self._items, self._failure = items, failure

    def __iter__(self):
        return iter(self._items)

    def __arrow_c_stream__(self, requested_schema=None):
        raise self._failure


@pytest.mark.parametrize("failure", [NotImplementedError(), ImportError("no pyarrow"), TypeError()])
def test_what_gives_no_arrow_data_is_iterated(failure):
    pytest.importorskip("pyarrow")
    corpus = Unwilling([["a", "b"], ["a"]], failure)
    for memory in ("ram", "bounded"):
        model = Word2Vec(corpus, min_count=1, vector_size=4, memory=memory)
        assert model.wv.index_to_key == ["a", "b"]
    texts = Unwilling(["a b", "b a"], failure)
    lower = {"reading": Reading(lowercase=True)}
    assert outcome(texts, **lower) == outcome(["a b", "b a"], **lower)
    table = Unwilling(["names", "of", "columns"], failure)
    table.columns = []
    with pytest.raises(CorpusError, match=rf"pyarrow cannot take it .* {type(failure).__name__}: "):
        scan_objects(table)


def test_a_query_says_that_it_has_not_been_run():
    class Query:
        def collect(self):
            return [["a"]]

        def __getitem__(self, index):
            raise TypeError("not subscriptable")

    for call in (lambda query: Word2Vec(query), lambda query: Phrases(query), scan_objects):
        with pytest.raises(TypeError, match=r"got Query \(.*; give what its collect\(\) returns"):
            call(Query())


class Careless:
    """A corpus whose length is nothing to go by."""

    def __init__(self, length):
        self._length = length

    def __iter__(self):
        return iter([["a", "b"], ["a"]])

    def __len__(self):
        if isinstance(self._length, Exception):
            raise self._length
        return self._length


LENGTHS = [TypeError("no len()"), NotImplementedError(), ZeroDivisionError(), None, 7, -1, "x"]


@pytest.mark.parametrize("length", LENGTHS, ids=repr)
def test_the_length_of_a_corpus_decides_nothing(length):
    """A bar has no end then, and that is all."""
    corpus, seen = Careless(length), []

    def progress(done, total):
        seen.append((done, total))

    model = Word2Vec(corpus, min_count=1, workers=1, vector_size=4)
    model.build_vocab(corpus, progress=progress)
    model.build_vocab(corpus, update=True)
    model.train(corpus, total_examples=2, epochs=1, progress=progress)
    model.fit(corpus, progress=progress)
    Word2Vec(corpus, min_count=1, memory="bounded", vector_size=4)
    phrases = Phrases(corpus, min_count=1, threshold=0.1)
    phrases.add_vocab(corpus, progress=progress)
    Word2Vec(phrases[corpus], min_count=1, vector_size=4)
    Word2Vec(phrases.freeze()[corpus], min_count=1, vector_size=4)
    assert {total for _, total in seen} == {None}
    assert [done for done, _ in seen if done == 2]


class Indexed:
    """A corpus that has an index, by which it ends, and a length that is nothing to go by."""

    def __init__(self, length):
        self._length = length

    def __getitem__(self, index):
        return [["a", "b"], ["a"]][index]

    def __len__(self):
        return Careless.__len__(self)


class Lengthless(Indexed):
    __len__ = None


@pytest.mark.parametrize("length", LENGTHS, ids=repr)
def test_the_length_of_a_corpus_with_an_index_is_its_end_or_nothing(length):
    for corpus in (Indexed(length), Lengthless(length)):
        for memory in ("ram", "bounded"):
            model = Word2Vec(corpus, min_count=1, workers=1, vector_size=4, memory=memory)
            assert model.wv.index_to_key == ["a", "b"]
            assert model.ledger.corpus == 3 * model.epochs
        assert Phrases(corpus, min_count=1).vocab == {"a": 2, "b": 1, "a_b": 1}


def test_sentences_end_where_their_length_is(tmp_path):
    corpus = [MapStyle(["a", "b"])] * 3
    for memory in ("ram", "bounded"):
        model = Word2Vec(corpus, min_count=1, vector_size=4, hs=1, negative=0, memory=memory)
        assert model.corpus_total_words == 6
    assert len(model.score(corpus)) == 3
    phrases = Phrases(corpus, min_count=1, threshold=0.1)
    assert list(phrases[corpus]) == [["a_b"]] * 3
    save_as_line_sentence(corpus, tmp_path / "text")
    assert (tmp_path / "text").read_text() == "a b\n" * 3


def test_sentences_of_arrays_have_pythons_own_words():
    class Tensor:
        """Its items are tensors, no two of which are equal."""

        def __getitem__(self, index):
            return [object()][index]

        def tolist(self):
            return [1, 2]

    for memory in ("ram", "bounded"):
        model = Word2Vec([Tensor(), [1]], min_count=1, vector_size=4, memory=memory)
        assert model.wv.index_to_key == [1, 2]


def test_the_length_of_a_list_is_the_end_of_the_bar():
    seen = []
    Word2Vec(min_count=1).build_vocab([["a"], ["b"]], progress=lambda *at: seen.append(at))
    assert seen[-1] == (2, 2)


def test_streams_of_phrases_and_bars(tmp_path):
    tqdm = pytest.importorskip("tqdm").tqdm
    path = tmp_path / "c.txt"
    path.write_text("new york is new york\n" * 5)
    phrases = Phrases(LineSentence(path), min_count=1, threshold=0.1)
    model = Word2Vec(phrases[LineSentence(path)], min_count=1)
    assert "new_york" in model.wv
    Word2Vec(min_count=1).build_vocab(tqdm(LineSentence(path), disable=True))


class MapStyle:
    """As PyTorch's data sets: any index is answered."""

    def __init__(self, items, raises=False):
        self._items, self._raises = items, raises

    def __len__(self):
        return len(self._items)

    def __getitem__(self, index):
        if self._raises and index >= 3:
            raise IndexError(index)
        return self._items[index % len(self._items)]


def test_map_style_data_sets_end_at_their_length():
    rows = [["a", "b"], ["c", "a"], ["a"], ["b"]]
    expected = outcome(rows)
    assert outcome(MapStyle(rows)) == expected
    assert outcome(MapStyle([MapStyle(row) for row in rows])) == expected
    assert outcome(MapStyle(rows, raises=True)) == outcome(rows[:3])
    options = {"min_count": 1, "vector_size": 4, "workers": 1}
    vectors = Word2Vec(rows, **options).wv.vectors
    for memory in ("ram", "bounded"):
        found = Word2Vec(MapStyle(rows), memory=memory, **options).wv.vectors
        np.testing.assert_array_equal(found, vectors)
    assert Phrases(MapStyle(rows), min_count=1).corpus_word_count == 6
    assert [*Phrases(rows)[MapStyle(rows)]] == rows
    texts = MapStyle(["a b", "c a"])
    assert scan_objects(texts, reading=Reading(lowercase=True)).n_sentences == 2
    assert scan_objects(texts, reading=Reading(str.split)).n_sentences == 2


def test_map_style_data_sets_through_the_hook_of_subclasses():
    class Jobs(Word2Vec):
        def _do_train_job(self, *arguments):
            return super()._do_train_job(*arguments)

    model = Jobs(MapStyle([["a", "b"], ["a"]]), min_count=1, workers=1, vector_size=4)
    assert model.ledger.corpus == 3 * model.epochs
