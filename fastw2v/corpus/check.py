"""Look at a corpus before an hour is spent on it: encoding, lengths, vocabulary, usual mistakes."""

from __future__ import annotations

import codecs
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from fastw2v import crew
from fastw2v.corpus import mistakes
from fastw2v.corpus.files import scan_files
from fastw2v.corpus.inputs import AnyInput, Input, resolve, total_size
from fastw2v.corpus.opening import is_plain_text
from fastw2v.corpus.readers import BLOCK_SIZE, BlockReader, Text
from fastw2v.corpus.reading import PLAIN, Reading
from fastw2v.corpus.reporter import Progress, Reporter
from fastw2v.corpus.scan import Scan
from fastw2v.corpus.segments import IntList, TokenList
from fastw2v.errors import CorpusError

MIN_COUNTS = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000)
"""Where the vocabulary curve is looked at."""

MOST_ERRORS = 5
"""Places that are named; the others are counted."""

LONG_TOKEN = 100
"""Bytes from which on a token is hardly a word."""

_SHOWN = 80
"""Bytes of a word that are shown at most."""

_NEWLINE, _RETURN = ord("\n"), ord("\r")
_SPACE = np.zeros(256, dtype=bool)
_SPACE[list(b" \t\n\v\f\r")] = True
_UPPER, _LOWER = (np.array([chr(i) in case for i in range(256)]) for case in (
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"))  # fmt: skip

_Longs = npt.NDArray[np.int64]


class Lengths:
    """A distribution of whole numbers: exact up to 4,096, beyond that by powers of two.

    Attributes
    ----------
    n, total, largest : int
        How many, their sum, and the largest.
    """

    _EXACT = 4096

    def __init__(self) -> None:
        self.n = self.total = self.largest = 0
        self._counts: _Longs = np.zeros(self._EXACT + 64, dtype=np.int64)

    def add(self, values: _Longs) -> None:
        """Take in some numbers."""
        if not len(values):
            return
        self.n += len(values)
        self.total += int(values.sum())
        self.largest = max(self.largest, int(values.max()))
        bins = np.where(
            values < self._EXACT,
            values,
            self._EXACT + np.log2(np.maximum(values, 1)).astype(np.int64),
        )
        self._counts += np.bincount(bins, minlength=len(self._counts))

    def merge(self, other: Lengths) -> None:
        """Take in the numbers of another distribution."""
        self.n += other.n
        self.total += other.total
        self.largest = max(self.largest, other.largest)
        self._counts += other._counts

    def quantile(self, share: float) -> int:
        """Return the number that this share of all is not above, rounded down where it is long."""
        if not self.n:
            return 0
        place = int(np.searchsorted(np.cumsum(self._counts), share * self.n))
        return place if place < self._EXACT else 1 << (place - self._EXACT)

    def summary(self) -> dict[str, float]:
        """Return mean, quantiles and largest."""
        return {
            "mean": self.total / self.n if self.n else 0.0,
            "median": self.quantile(0.5),
            "p90": self.quantile(0.9),
            "p99": self.quantile(0.99),
            "largest": self.largest,
        }


@dataclass(frozen=True)
class Place:
    """Where something is: a file, a line from 1, and what is there."""

    path: str
    line: int
    what: str


@dataclass
class Report:
    """What was found.

    Attributes
    ----------
    n_files, n_bytes, n_lines, n_blank_lines, n_tokens, n_sentences : int
        What was read. A line without a word is blank, and no sentence.
    line_words, line_bytes, token_bytes : Lengths
        Words and bytes of the lines that are not blank, bytes of the tokens.
    longest_line, longest_token : Place or None
        Where they are.
    n_long_tokens : int
        Tokens of `LONG_TOKEN` bytes or more.
    n_invalid_lines : int
        Lines that are not UTF-8.
    invalid : list of Place
        The first of them.
    n_nul, n_crlf, n_lone_cr : int
        Bytes of zero, lines that end with CR LF, CRs that stand alone.
    n_upper, n_letters : int
        Capital letters and letters, of a to z.
    counts : ndarray of int64
        Occurrences of all distinct words, descending.
    scan : Scan or None
        To choose a vocabulary from.
    warnings : list of str
        The usual mistakes.
    errors : str
        `Reading.errors`; where it is "strict", words were counted as with "skip".
    """

    n_files: int = 0
    n_bytes: int = 0
    n_lines: int = 0
    n_blank_lines: int = 0
    n_tokens: int = 0
    n_sentences: int = 0
    line_words: Lengths = field(default_factory=Lengths)
    line_bytes: Lengths = field(default_factory=Lengths)
    token_bytes: Lengths = field(default_factory=Lengths)
    longest_line: Place | None = None
    longest_token: Place | None = None
    n_long_tokens: int = 0
    n_invalid_lines: int = 0
    invalid: list[Place] = field(default_factory=list)
    n_nul: int = 0
    n_crlf: int = 0
    n_lone_cr: int = 0
    n_upper: int = 0
    n_letters: int = 0
    counts: _Longs = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    scan: Scan | None = None
    warnings: list[str] = field(default_factory=list)
    errors: str = "strict"

    def curve(self) -> list[tuple[int, int, int]]:
        """Return (min_count, words that are left, tokens that are left) where there are any."""
        sums = np.concatenate([[0], np.cumsum(self.counts)])
        rows = []
        for min_count in MIN_COUNTS:
            n_words = int(np.searchsorted(-self.counts, -min_count, side="right"))
            if n_words:
                rows.append((min_count, n_words, int(sums[n_words])))
        return rows


class _Lines:
    """Goes through one file in blocks and keeps what a line that is not finished has so far."""

    def __init__(self, name: str, report: Report) -> None:
        self._path = name
        self._report = report
        self._line = 1
        self._words = self._bytes = 0
        self._invalid = self._after_return = False

    def read(self, text: npt.NDArray[np.uint8]) -> None:
        """Take in a block, which ends with white space."""
        report, n = self._report, len(text)
        ends = np.flatnonzero(text == _NEWLINE)
        is_space = _SPACE[text]
        # A block begins where a word begins or in white space, so what is before it is space.
        starts = np.flatnonzero(~is_space & np.concatenate([[True], is_space[:-1]]))
        stops = np.flatnonzero(is_space & np.concatenate([[False], ~is_space[:-1]]))
        lengths = stops - starts
        report.n_tokens += len(starts)
        report.token_bytes.add(lengths)
        report.n_long_tokens += int((lengths >= LONG_TOKEN).sum())
        if len(lengths):
            longest = int(lengths.argmax())
            if report.longest_token is None or lengths[longest] >= report.token_bytes.largest:
                start = int(starts[longest])
                what = _shown(text[start : min(int(stops[longest]), start + _SHOWN + 1)])
                line = self._line + int(np.searchsorted(ends, start))
                report.longest_token = Place(self._path, line, what)

        words = np.diff(np.searchsorted(starts, ends), prepend=0)
        widths = np.diff(ends, prepend=-1) - 1
        if len(ends):
            words[0] += self._words
            widths[0] += self._bytes
            self._finish(words, widths)
            self._words = len(starts) - int(np.searchsorted(starts, ends[-1]))
            self._bytes = n - 1 - int(ends[-1])
        else:
            self._words += len(starts)
            self._bytes += n
        self._look_at_bytes(text, ends)
        self._line += len(ends)

    def read_list(self, block: TokenList | IntList) -> None:
        """Take in sentences that are lists, each as a line."""
        rows = block.rows
        if isinstance(block, TokenList):
            lengths = np.diff(block.offsets[rows[0] : rows[-1] + 1])
            self._report.token_bytes.add(lengths)
            self._report.n_long_tokens += int((lengths >= LONG_TOKEN).sum())
        self._report.n_tokens += int(rows[-1] - rows[0])
        words = np.diff(rows)
        self._finish(words, np.zeros(0, dtype=np.int64))
        self._line += len(words)

    def _finish(self, words: _Longs, widths: _Longs) -> None:
        report = self._report
        full = words > 0
        report.n_lines += len(words)
        report.n_blank_lines += int((~full).sum())
        report.n_sentences += int(full.sum())
        before = report.line_words.largest
        report.line_words.add(words[full])
        report.line_bytes.add(widths[full] if len(widths) else widths)
        if report.line_words.largest > before:
            number = int(words.argmax())
            n = int(words[number])
            what = f"{n:,} word{'s' * (n != 1)}"
            report.longest_line = Place(self._path, self._line + number, what)

    def _look_at_bytes(self, text: npt.NDArray[np.uint8], ends: _Longs) -> None:
        report = self._report
        report.n_nul += int((text == 0).sum())
        report.n_upper += int(_UPPER[text].sum())
        report.n_letters += int(_LOWER[text].sum())
        before = np.concatenate([[self._after_return], text[:-1] == _RETURN])
        n_crlf = int((before & (text == _NEWLINE)).sum())
        report.n_crlf += n_crlf
        report.n_lone_cr += int(before.sum()) - n_crlf
        self._after_return = bool(text[-1] == _RETURN)
        raw = text.tobytes()
        try:
            raw.decode("utf-8")
            self._invalid = self._invalid and not len(ends)
        except UnicodeDecodeError:
            self._invalid_lines(raw)

    def _invalid_lines(self, raw: bytes) -> None:
        lines = raw.split(b"\n")
        known = self._invalid  # the first one has begun in an earlier block
        self._invalid = known and len(lines) == 1
        for offset, line in enumerate(lines):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                self._invalid = self._invalid or offset == len(lines) - 1
                if known and offset == 0:
                    continue
                self._report.n_invalid_lines += 1
                if len(self._report.invalid) < MOST_ERRORS:
                    # The word with the first bad byte.
                    start = len(line[: error.start]) - len(line[: error.start].split(b" ")[-1])
                    word = line[start:].split(b" ")[0][:60]
                    self._report.invalid.append(
                        Place(self._path, self._line + offset, f"{word!r}: {error.reason}")
                    )

    def finish(self, tail: bytes) -> None:
        """Take back what comes of the newline that the reader adds to the end of a file.

        `tail` is the last two bytes of the text, that newline included.
        """
        if tail in (b"\n", b"\n\n"):
            self._report.n_lines -= 1
            self._report.n_blank_lines -= 1
        if tail == b"\r\n":
            self._report.n_crlf -= 1
            self._report.n_lone_cr += 1


def check_files(
    paths: Sequence[AnyInput],
    reading: Reading = PLAIN,
    *,
    workers: int,
    progress: Progress | None = None,
) -> Report:
    """Read files and tell what is in them.

    They are read twice: once line by line, as they are, once to count words.

    Parameters
    ----------
    paths : sequence of path or Input
        As for `scan_files`.
    reading : Reading
        What a word and a sentence is. It decides which words there are, and how many words and
        sentences; lengths are those of lines, and of what is between white space in them.
    workers : int
        Number of threads.
    progress : callable or bool, optional
        Called as progress(bytes read, bytes in all or None), over both readings.

    Returns
    -------
    Report

    Raises
    ------
    FileNotFoundError, PermissionError
        Naming the file.
    CorpusError
        If something cannot be read again, or not at all.
    """
    checked = resolve(paths)
    for item in checked:
        if not item.is_file:
            raise CorpusError(
                f"{item.name}: only files can be checked, because they are read twice"
            )
    size = total_size(checked) or 0
    report = Report(n_files=len(checked), errors=reading.errors)
    # Words that are not UTF-8 are reported here, not raised.
    lenient = replace(reading, errors="skip") if reading.errors == "strict" else reading
    lock = threading.Lock()
    reports: list[Report] = [Report() for _ in checked]
    work = iter(range(len(checked)))
    n_read = [0] * len(checked)

    def body(_rank: int, stop: crew.Flag) -> None:
        while not stop.is_set():
            with lock:
                number = next(work, None)
            if number is None:
                return
            _check_file(checked[number], lenient, reports[number], n_read, number, stop)

    with Reporter(progress, 2 * size) as reporter:
        crew.run(body, min(workers, max(len(checked), 1)), lambda: reporter.report(sum(n_read)))
        for part in reports:
            _add(report, part)
        if checked and is_plain_text(checked[0], PLAIN):
            report.warnings += _first_line(checked[0])
        report.scan = scan_files(
            checked,
            workers=workers,
            progress=lambda done, _total: reporter.report(size + done),
            keep_ids=False,
            reading=lenient if report.n_invalid_lines else reading,
        )
        reporter.finish(2 * size)
    report.counts = -np.sort(-report.scan.counts)
    if not reading.is_plain:
        report.n_tokens, report.n_sentences = report.scan.n_tokens, report.scan.n_sentences
    return report


def _check_file(
    item: Input,
    reading: Reading,
    report: Report,
    n_read: list[int],
    number: int,
    stop: crew.Flag,
) -> None:
    lines = _Lines(item.name, report)
    text = Text()
    tail = b""
    with BlockReader([item], BLOCK_SIZE, reading) as reader:
        while not stop.is_set() and reader.next(text):
            n_read[number] = reader.n_read
            if text.list is not None:
                lines.read_list(text.list)
                continue
            lines.read(text.bytes[: text.n])
            tail = (tail + text.bytes[max(text.n - 2, 0) : text.n].tobytes())[-2:]
        report.n_bytes = reader.n_bytes
    lines.finish(tail)


def _add(report: Report, part: Report) -> None:
    """Add the report of one file to that of all."""
    longest = report.line_words.largest
    token = report.token_bytes.largest
    for name in (
        "n_bytes", "n_lines", "n_blank_lines", "n_tokens", "n_sentences", "n_long_tokens",
        "n_invalid_lines", "n_nul", "n_crlf", "n_lone_cr", "n_upper", "n_letters",
    ):  # fmt: skip
        setattr(report, name, getattr(report, name) + getattr(part, name))
    for name in ("line_words", "line_bytes", "token_bytes"):
        getattr(report, name).merge(getattr(part, name))
    if part.longest_line and part.line_words.largest > longest:
        report.longest_line = part.longest_line
    if part.longest_token and part.token_bytes.largest > token:
        report.longest_token = part.longest_token
    report.invalid = (report.invalid + part.invalid)[:MOST_ERRORS]


def _shown(word: npt.NDArray[np.uint8]) -> str:
    """Return a word, cut between two characters where it is too long."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    return decoder.decode(word[:_SHOWN].tobytes(), final=len(word) <= _SHOWN)


def _first_line(item: Input) -> list[str]:
    assert item.path is not None
    with item.path.open("rb") as file:
        line = file.readline(1000).decode("utf-8", "replace")
    return [f"{item.name}: {text}" for text in mistakes.of_line(line)]
