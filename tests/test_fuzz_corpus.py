"""The fuzzer's inputs once more, through the package and without a fuzzer."""

from pathlib import Path

import pytest

from fastw2v.corpus import encode_files, scan_files
from fastw2v.errors import CorpusError
from fastw2v.vocab import Vocabulary
from tests.corpora import store_sentences
from tests.fuzz.reference import block_size_of, expect, reading_of

INPUTS = sorted(Path(__file__).parent.joinpath("fuzz", "corpus").iterdir())


def test_there_are_inputs():
    assert len(INPUTS) >= 20


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.name)
def test_as_python_splits_it(tmp_path, path):
    data = path.read_bytes()
    expected = expect(data)
    text = tmp_path / "text"
    text.write_bytes(data[4:])
    options = {"workers": 2, "block_size": block_size_of(data), "reading": reading_of(data)}
    if expected is None:
        with pytest.raises(CorpusError, match="is not UTF-8"):
            scan_files([text], **options)
        return
    decoded = [[word.decode() for word in words] for words in expected]
    scan = scan_files([text], **options)
    assert scan.n_sentences == len(decoded)
    if decoded:
        vocabulary = Vocabulary.from_scan(scan, min_count=1)
        assert store_sentences(scan.encode(vocabulary), vocabulary.keys) == decoded
        store = encode_files([text], vocabulary, **options)
        assert store_sentences(store, vocabulary.keys) == decoded
