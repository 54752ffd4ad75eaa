"""From text or Python sentences to a store of token ids, reading the corpus once.

    files or objects -> scan (count, provisional ids) -> Vocabulary -> TokenStore
    files or objects + an existing Vocabulary -> encode -> TokenStore

`files` and `objects` are the two ways in; of the latter `sentences` reads what consists of Python
objects. `scan` holds what lies between counting and encoding. From file to tokens it is `inputs`
(which files), `opening` (what they are: `decompress`, `jsonl`, `arrow`), `blocks`, `readers`, and
`reading` has the options.
"""

from fastw2v.corpus.files import encode_files, scan_files
from fastw2v.corpus.objects import encode_objects, scan_objects, sentences_of
from fastw2v.corpus.reading import Reading
from fastw2v.corpus.scan import Scan
from fastw2v.corpus.sentences import encode_sentences, scan_sentences
from fastw2v.corpus.store import TokenStore

__all__ = [
    "Reading",
    "Scan",
    "TokenStore",
    "encode_files",
    "encode_objects",
    "encode_sentences",
    "scan_files",
    "scan_objects",
    "scan_sentences",
    "sentences_of",
]
