"""From text or Python sentences to a store of token ids, reading the corpus once.

    files or sentences -> scan (count, provisional ids) -> Vocabulary -> TokenStore
    files or sentences + an existing Vocabulary -> encode -> TokenStore

`files` and `sentences` are the two ways in; `scan` holds what lies between counting and encoding.
"""

from fastw2v.corpus.files import encode_files, scan_files
from fastw2v.corpus.scan import Scan
from fastw2v.corpus.sentences import encode_sentences, scan_sentences
from fastw2v.corpus.store import TokenStore

__all__ = [
    "Scan",
    "TokenStore",
    "encode_files",
    "encode_sentences",
    "scan_files",
    "scan_sentences",
]
