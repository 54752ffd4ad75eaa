"""word2vec in NumPy and float64: the oracle that the compiled kernels are tested against.

Written from the papers and the definitions, importing nothing from fastw2v, and slow on purpose:
every sum is a loop that can be checked by eye.

Sources: Mikolov et al. 2013, "Efficient Estimation of Word Representations in Vector Space"
(skip-gram, CBOW) and "Distributed Representations of Words and Phrases" (negative sampling,
hierarchical softmax, subsampling); Irsoy et al. 2021, "Corrected CBOW Performs as well as
Skip-gram"; the order of updates is that of word2vec.c (TrainModelThread).

Conventions. `w_in` is W, one row per word; `w_ns` is W' of negative sampling, one row per word;
`w_hs` is W' of hierarchical softmax, one row per inner node of the Huffman tree. A context word's
row of W predicts the centre word's row of W'. Functions named as a step (`train_pairs`, `block_*`,
`window_*`, `cbow_*`) change float64 matrices in place; a row that occurs twice receives both
changes. The sigmoid is exact and never saturates.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Matrix: TypeAlias = npt.NDArray[np.float64]  # (rows, dim)
Vector: TypeAlias = npt.NDArray[np.float64]  # (dim,)
Ids: TypeAlias = Sequence[int] | npt.NDArray[np.integer[Any]]
Window: TypeAlias = tuple[int, Ids]  # id of the centre, ids of the contexts from left to right


def softplus(x: Any) -> Any:
    """log(1 + exp(x)), without overflow; the loss -log(sigmoid(z)) is softplus(-z)."""
    return np.logaddexp(0.0, x)


def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)), accurate to the last digits in both tails."""
    return np.exp(-softplus(-x))


# ---------------------------------------------------------------------------------------------
# Windows and schedule
# ---------------------------------------------------------------------------------------------


def window_bounds(position: int, radius: int, length: int) -> tuple[int, int]:
    """Half-open range of positions within `radius` of `position` in a sentence of `length`."""
    return max(0, position - radius), min(length, position + radius + 1)


def windows(sentence: Ids, radii: Ids) -> list[Window]:
    """One (centre, contexts) for each position; contexts exclude the position, not the word."""
    result: list[Window] = []
    for i in range(len(sentence)):
        start, stop = window_bounds(i, int(radii[i]), len(sentence))
        contexts = [int(sentence[j]) for j in range(start, stop) if j != i]
        result.append((int(sentence[i]), contexts))
    return result


def pair_counts(n: int, radii: Ids) -> npt.NDArray[np.int64]:
    """For each of `n` positions, in how many windows of other positions it lies."""
    counts = np.zeros(n, dtype=np.int64)
    for j in range(n):
        for i in range(n):
            if i != j and abs(i - j) <= radii[i]:
                counts[j] += 1
    return counts


def learning_rate(alpha: float, min_alpha: float, done: int, total: int) -> float:
    """Straight line from `alpha` at 0 words done to `min_alpha` at `total`, constant after."""
    return alpha + (min_alpha - alpha) * min(done / total, 1.0)


# ---------------------------------------------------------------------------------------------
# Losses and their gradients
# ---------------------------------------------------------------------------------------------


def negative_sampling_loss(
    h: Vector, y_center: Vector, y_noise: Matrix, weights: Sequence[float] | Vector
) -> float:
    """-log s(h.y_center) - sum_n weights[n] * log s(-h.y_noise[n])."""
    loss = softplus(-(h @ y_center))
    for y, weight in zip(y_noise, weights, strict=True):
        loss += weight * softplus(h @ y)
    return float(loss)


def hierarchical_softmax_loss(h: Vector, y_path: Matrix, code: Ids) -> float:
    """-sum_l log s((1 - 2 * code[l]) * h.y_path[l])."""
    loss = 0.0
    for y, bit in zip(y_path, code, strict=True):
        loss += softplus(-(1 - 2 * bit) * (h @ y))
    return float(loss)


@dataclass(frozen=True)
class Example:
    """One prediction of a centre word from h = share * (sum of the rows `input_ids` of W).

    Skip-gram has one input and share 1; CBOW has J inputs and share 1/J (mean) or 1 (sum).
    Noise weights of None are ones; `path` and `code` belong to the centre word.
    """

    center_id: int
    input_ids: Ids
    share: float = 1.0
    noise_ids: Ids = ()
    noise_weights: Sequence[float] | None = None
    path: Ids = ()
    code: Ids = ()

    def hidden(self, w_in: Matrix) -> Vector:
        h = np.zeros(w_in.shape[1])
        for i in self.input_ids:
            h += self.share * w_in[i]
        return h

    def weights(self) -> Sequence[float]:
        return [1.0] * len(self.noise_ids) if self.noise_weights is None else self.noise_weights


def examples_of(
    window_list: Sequence[Window],
    *,
    cbow: bool = False,
    cbow_mean: bool = True,
    noise_ids: Sequence[Ids] | npt.NDArray[np.integer[Any]] = (),
    paths: Sequence[Ids] = (),
    codes: Sequence[Ids] = (),
) -> list[Example]:
    """Examples of the windows in the order of training.

    Skip-gram: one for each context. CBOW: one for each window that has a context. `noise_ids`,
    if any, has one row per example; `paths` and `codes`, if any, have one entry per word.
    """
    result: list[Example] = []
    for center, contexts in window_list:
        groups: list[Ids] = [contexts] if cbow else [[j] for j in contexts]
        for inputs in groups:
            if len(inputs) == 0:
                continue
            share = 1 / len(inputs) if cbow and cbow_mean else 1.0
            noise = noise_ids[len(result)] if len(noise_ids) else ()
            path, code = (paths[center], codes[center]) if len(paths) else ((), ())
            result.append(Example(center, inputs, share, noise, path=path, code=code))
    if len(noise_ids) and len(noise_ids) != len(result):
        raise ValueError(f"noise_ids has {len(noise_ids)} rows for {len(result)} examples")
    return result


def objective(
    examples: Sequence[Example],
    w_in: Matrix,
    w_ns: Matrix | None = None,
    w_hs: Matrix | None = None,
) -> float:
    """Sum of the losses of the examples: negative sampling if `w_ns`, plus HS if `w_hs`."""
    loss = 0.0
    for e in examples:
        h = e.hidden(w_in)
        if w_ns is not None:
            noise = w_ns[np.asarray(e.noise_ids, dtype=np.int64)]
            loss += negative_sampling_loss(h, w_ns[e.center_id], noise, e.weights())
        if w_hs is not None:
            nodes = w_hs[np.asarray(e.path, dtype=np.int64)]
            loss += hierarchical_softmax_loss(h, nodes, e.code)
    return loss


def gradient(
    examples: Sequence[Example],
    w_in: Matrix,
    w_ns: Matrix | None = None,
    w_hs: Matrix | None = None,
) -> tuple[Matrix, Matrix | None, Matrix | None]:
    """Analytic gradient of `objective` in (w_in, w_ns, w_hs); None where the matrix is None."""
    d_in = np.zeros_like(w_in)
    d_ns = None if w_ns is None else np.zeros_like(w_ns)
    d_hs = None if w_hs is None else np.zeros_like(w_hs)
    for e in examples:
        h = e.hidden(w_in)
        d_h = np.zeros_like(h)
        if w_ns is not None and d_ns is not None:
            slope = sigmoid(h @ w_ns[e.center_id]) - 1
            d_h += slope * w_ns[e.center_id]
            d_ns[e.center_id] += slope * h
            for n, weight in zip(e.noise_ids, e.weights(), strict=True):
                slope = weight * sigmoid(h @ w_ns[n])
                d_h += slope * w_ns[n]
                d_ns[n] += slope * h
        if w_hs is not None and d_hs is not None:
            for node, bit in zip(e.path, e.code, strict=True):
                slope = sigmoid(h @ w_hs[node]) - (1 - bit)
                d_h += slope * w_hs[node]
                d_hs[node] += slope * h
        for i in e.input_ids:
            d_in[i] += e.share * d_h
    return d_in, d_ns, d_hs


def repulsion_loss(
    w_in: Matrix, w_ns: Matrix, token_ids: Ids, n_pairs: Ids, noise_ids: Ids, n_negatives: float
) -> float:
    """Noise part of a block's objective: sum_i sum_n n_pairs[i] * K/N * -log s(-x_i.y_n)."""
    loss = 0.0
    for token, pairs in zip(token_ids, n_pairs, strict=True):
        for n in noise_ids:
            loss += pairs * n_negatives / len(noise_ids) * softplus(w_in[token] @ w_ns[n])
    return loss


# ---------------------------------------------------------------------------------------------
# Sequential training, one pair after the other, as word2vec.c
# ---------------------------------------------------------------------------------------------


def _pair_step(
    h: Vector, e: Example, w_ns: Matrix | None, w_hs: Matrix | None, lr: float
) -> Vector:
    """Update the output rows one by one for a fixed h; return lr * (-dL/dh) as accumulated."""
    grad = np.zeros_like(h)
    if w_hs is not None:
        for node, bit in zip(e.path, e.code, strict=True):
            g = lr * (1 - bit - sigmoid(h @ w_hs[node]))
            grad += g * w_hs[node]
            w_hs[node] += g * h
    if w_ns is not None:
        targets = [(e.center_id, 1)] + [(int(n), 0) for n in e.noise_ids if n != e.center_id]
        for target, label in targets:
            g = lr * (label - sigmoid(h @ w_ns[target]))
            grad += g * w_ns[target]
            w_ns[target] += g * h
    return grad


def _share_gradient(
    w_in: Matrix, context_ids: Ids, grad_h: Vector, cbow_mean: bool, corrected: bool
) -> None:
    """Give the step of h back to the rows it was made of.

    Classic word2vec adds the whole step to each row. The true gradient of a mean divides it by
    the number of rows (corrected); the true gradient of a sum is the whole step.
    """
    share = 1 / len(context_ids) if corrected and cbow_mean else 1.0
    for j in context_ids:
        w_in[j] += share * grad_h


def train_pairs(
    sentences: Sequence[Ids],
    radii: Sequence[Ids],
    w_in: Matrix,
    w_ns: Matrix | None = None,
    w_hs: Matrix | None = None,
    *,
    lr: float,
    noise_ids: Sequence[Ids] | npt.NDArray[np.integer[Any]] = (),
    paths: Sequence[Ids] = (),
    codes: Sequence[Ids] = (),
    cbow: bool = False,
    cbow_mean: bool = True,
    corrected: bool = False,
) -> None:
    """Sequential SGD in the order of word2vec.c, at a constant learning rate.

    Parameters
    ----------
    sentences, radii : sequences of equal shape
        Word ids, already subsampled, and the radius of the window of each position.
    w_in, w_ns, w_hs : (V, dim), (V, dim), (V - 1, dim) float64
        Changed in place. `w_ns` switches negative sampling on, `w_hs` hierarchical softmax.
    noise_ids : (n_examples, K)
        Draws of each pair (CBOW: of each centre that has a context) in the order of training.
        A draw equal to the centre is skipped.
    paths, codes : one sequence per word
        Inner nodes from the root to the word, and the branch taken at each of them.
    """
    window_list: list[Window] = []
    for sentence, sentence_radii in zip(sentences, radii, strict=True):
        window_list += windows(sentence, sentence_radii)
    examples = examples_of(
        window_list, cbow=cbow, cbow_mean=cbow_mean, noise_ids=noise_ids, paths=paths, codes=codes
    )
    for e in examples:
        grad = _pair_step(e.hidden(w_in), e, w_ns, w_hs, lr)
        if cbow:
            _share_gradient(w_in, e.input_ids, grad, cbow_mean, corrected)
        else:
            w_in[e.input_ids[0]] += grad


# ---------------------------------------------------------------------------------------------
# The block algorithm: attraction per window, repulsion per block (docs/design.md)
# ---------------------------------------------------------------------------------------------


def _panel_step(
    x: Matrix, y: Matrix, row_weights: Sequence[float] | Vector, lr: float
) -> tuple[Matrix, Matrix]:
    """Jacobi repulsion of the rows of x and y: dX = G Y, dY = G'X, G = -lr * weight_i * s(XY')."""
    dx, dy = np.zeros_like(x), np.zeros_like(y)
    for i in range(len(x)):
        for n in range(len(y)):
            g = -lr * row_weights[i] * sigmoid(x[i] @ y[n])
            dx[i] += g * y[n]
            dy[n] += g * x[i]
    return dx, dy


def block_repulsion(
    w_in: Matrix,
    w_ns: Matrix,
    token_ids: Ids,
    n_pairs: Ids,
    noise_ids: Ids,
    lr: float,
    n_negatives: float,
    panel: int = 16,
) -> None:
    """Repel the rows `token_ids` of W from the rows `noise_ids` of W', in place.

    The N noise rows are taken in consecutive panels; each panel sees the updates of the ones
    before it and is one Jacobi step. Row i counts n_pairs[i] * K/N times for each noise row,
    with N the number of noise rows of the whole block.
    """
    tokens, noise = np.asarray(token_ids), np.asarray(noise_ids)
    row_weights = np.asarray(n_pairs) * n_negatives / len(noise)
    for start in range(0, len(noise), panel):
        ids = noise[start : start + panel]
        dx, dy = _panel_step(w_in[tokens], w_ns[ids], row_weights, lr)
        np.add.at(w_in, tokens, dx)
        np.add.at(w_ns, ids, dy)


def window_attraction(
    w_in: Matrix, w_ns: Matrix, center_id: int, context_ids: Ids, lr: float
) -> None:
    """Attract the context rows of W and the centre's row of W', all from their old values."""
    y_old = w_ns[center_id].copy()
    x_old = [w_in[j].copy() for j in context_ids]
    for j, x in zip(context_ids, x_old, strict=True):
        g = lr * (1 - sigmoid(x @ y_old))
        w_in[j] += g * y_old
        w_ns[center_id] += g * x


def window_hs(
    w_in: Matrix, w_hs: Matrix, context_ids: Ids, path: Ids, code: Ids, lr: float
) -> None:
    """Hierarchical softmax of a window: the context rows in twos, each two one Jacobi step.

    A word that stands beside itself goes alone.
    """
    left = list(context_ids)
    while left:
        rows = left[:2] if len(left) > 1 and left[0] != left[1] else left[:1]
        left = left[len(rows) :]
        y_old = [w_hs[node].copy() for node in path]
        x_old = [w_in[j].copy() for j in rows]
        for j, x in zip(rows, x_old, strict=True):
            for node, bit, y in zip(path, code, y_old, strict=True):
                g = lr * (1 - bit - sigmoid(x @ y))
                w_in[j] += g * y
                w_hs[node] += g * x


def cbow_hidden(w_in: Matrix, window_list: Sequence[Window], cbow_mean: bool = True) -> Matrix:
    """Mean (or sum) of the context rows of each window, (B, dim); every window has a context."""
    examples = examples_of(window_list, cbow=True, cbow_mean=cbow_mean)
    return np.array([e.hidden(w_in) for e in examples])


def cbow_repulsion(
    h: Matrix,
    w_ns: Matrix,
    noise_ids: Ids,
    lr: float,
    n_negatives: float,
    panel: int = 16,
    moving_h: bool = False,
) -> Matrix:
    """Repel the hidden rows from the noise rows with weight K/N; change W', return dH (B, dim).

    Every panel sees the W' that the one before it left. The hidden rows stay at `h`, as in
    word2vec.c; with `moving_h` each panel sees h plus the dH of the panels before it.
    """
    noise = np.asarray(noise_ids)
    row_weights = np.full(len(h), n_negatives / len(noise))
    dh = np.zeros_like(h)
    for start in range(0, len(noise), panel):
        ids = noise[start : start + panel]
        dx, dy = _panel_step(h + dh if moving_h else h, w_ns[ids], row_weights, lr)
        dh += dx
        np.add.at(w_ns, ids, dy)
    return dh


def cbow_attraction(h: Matrix, w_ns: Matrix, center_ids: Ids, lr: float) -> Matrix:
    """Attract each hidden row and its centre's row, all scores first; change W', return dH."""
    dh = np.zeros_like(h)
    slopes = [lr * (1 - sigmoid(h[b] @ w_ns[c])) for b, c in enumerate(center_ids)]
    for b, (center, g) in enumerate(zip(center_ids, slopes, strict=True)):
        dh[b] = g * w_ns[center]
        w_ns[center] += g * h[b]
    return dh


def cbow_block(
    w_in: Matrix,
    w_ns: Matrix,
    window_list: Sequence[Window],
    noise_ids: Ids,
    lr: float,
    n_negatives: float,
    panel: int = 16,
    *,
    cbow_mean: bool = True,
    corrected: bool = False,
    moving_h: bool = False,
) -> None:
    """Block of centres for CBOW: hidden rows from the old W, attraction, repulsion, return.

    Windows without a context are left out. Both use the hidden rows of the old W.
    """
    used = [(center, contexts) for center, contexts in window_list if len(contexts)]
    if not used:
        return
    h = cbow_hidden(w_in, used, cbow_mean)
    dh = cbow_attraction(h, w_ns, [center for center, _ in used], lr)
    dh += cbow_repulsion(h, w_ns, noise_ids, lr, n_negatives, panel, moving_h)
    for (_, contexts), grad in zip(used, dh, strict=True):
        _share_gradient(w_in, contexts, grad, cbow_mean, corrected)


def cbow_window_hs(
    w_in: Matrix,
    w_hs: Matrix,
    context_ids: Ids,
    path: Ids,
    code: Ids,
    lr: float,
    *,
    cbow_mean: bool = True,
    corrected: bool = False,
) -> None:
    """Hierarchical softmax of one CBOW window; exact, because the nodes of a path differ."""
    h = cbow_hidden(w_in, [(0, context_ids)], cbow_mean)[0]
    grad = _pair_step(h, Example(0, context_ids, path=path, code=code), None, w_hs, lr)
    _share_gradient(w_in, context_ids, grad, cbow_mean, corrected)


# ---------------------------------------------------------------------------------------------
# Tables
# ---------------------------------------------------------------------------------------------


def noise_distribution(counts: Ids, exponent: float) -> Vector:
    """P(w) proportional to counts[w] ** exponent."""
    powers: Vector = np.array([float(c) ** exponent for c in counts])
    result: Vector = powers / powers.sum()
    return result


def keep_probability(counts: Ids, total: int, sample: float) -> Vector:
    """Chance of a token to survive subsampling: (sqrt(c / (sample*T)) + 1) * sample*T / c, <= 1."""
    if sample == 0:
        return np.ones(len(counts))
    t = sample * total
    return np.array([min(1.0, (np.sqrt(c / t) + 1) * t / c) for c in counts])


def huffman_tree(counts: Ids) -> tuple[list[list[int]], list[list[int]], int]:
    """Huffman code by the textbook heap: paths, codes, and the heap total.

    Inner node k is the one made by the k-th merge, so the root is node V - 2. The heap total,
    the sum of the weights of all merges, is the least possible sum of count * code length.
    """
    heap = [(int(c), leaf) for leaf, c in enumerate(counts)]
    heapq.heapify(heap)
    n_words, total = len(heap), 0
    parent: dict[int, tuple[int, int]] = {}
    for inner in range(n_words - 1):
        (weight_0, child_0), (weight_1, child_1) = heapq.heappop(heap), heapq.heappop(heap)
        parent[child_0], parent[child_1] = (inner, 0), (inner, 1)
        heapq.heappush(heap, (weight_0 + weight_1, n_words + inner))
        total += weight_0 + weight_1
    paths: list[list[int]] = []
    codes: list[list[int]] = []
    for word in range(n_words):
        path: list[int] = []
        code: list[int] = []
        node = word
        while node in parent:
            inner, bit = parent[node]
            path.insert(0, inner)
            code.insert(0, bit)
            node = n_words + inner
        paths.append(path)
        codes.append(code)
    return paths, codes, total


def huffman_code_lengths(counts: Ids) -> npt.NDArray[np.int64]:
    """Code length of each word; ties between counts make other, equally good, lengths possible."""
    return np.array([len(code) for code in huffman_tree(counts)[1]], dtype=np.int64)


def check_huffman(counts: Ids, paths: Sequence[Ids], codes: Sequence[Ids]) -> None:
    """Raise AssertionError unless `paths` and `codes` are an optimal binary tree of the words.

    Any numbering of the V - 1 inner nodes and any breaking of ties is accepted.
    """
    node_of_prefix: dict[tuple[int, ...], int] = {}
    words: set[tuple[int, ...]] = set()
    for path, code in zip(paths, codes, strict=True):
        bits = tuple(int(bit) for bit in code)
        assert len(path) == len(bits), f"path of {len(path)} nodes for a code of {len(bits)} bits"
        assert set(bits) <= {0, 1}, f"code {bits} is not binary"
        assert bits not in words, f"code {bits} belongs to two words"
        words.add(bits)
        for depth, node in enumerate(path):
            known = node_of_prefix.setdefault(bits[:depth], int(node))
            assert known == node, f"prefix {bits[:depth]} leads to nodes {known} and {node}"
    assert not words & node_of_prefix.keys(), "a code is a prefix of another"
    nodes = sorted(node_of_prefix.values())
    assert nodes == list(range(len(words) - 1)), "inner nodes are not 0 .. V - 2, each once"
    cost = sum(int(c) * len(code) for c, code in zip(counts, codes, strict=True))
    assert cost == huffman_tree(counts)[2], f"cost {cost}, optimum {huffman_tree(counts)[2]}"


# ---------------------------------------------------------------------------------------------
# Graphs with known groups
# ---------------------------------------------------------------------------------------------

# Zachary 1977, "An Information Flow Model for Conflict and Fission in Small Groups": the pairs of
# friends among the 34 members, and the members who stayed with Mr. Hi after the split.
KARATE_FRIENDS = """
1-2 1-3 1-4 1-5 1-6 1-7 1-8 1-9 1-11 1-12 1-13 1-14 1-18 1-20 1-22 1-32 2-3 2-4 2-8 2-14 2-18
2-20 2-22 2-31 3-4 3-8 3-9 3-10 3-14 3-28 3-29 3-33 4-8 4-13 4-14 5-7 5-11 6-7 6-11 6-17 7-17
9-31 9-33 9-34 10-34 14-34 15-33 15-34 16-33 16-34 19-33 19-34 20-34 21-33 21-34 23-33 23-34
24-26 24-28 24-30 24-33 24-34 25-26 25-28 25-32 26-32 27-30 27-34 28-34 29-32 29-34 30-33 30-34
31-33 31-34 32-33 32-34 33-34
"""
KARATE_MR_HI = (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 17, 18, 20, 22)

Walks: TypeAlias = tuple[list[list[str]], npt.NDArray[np.int64]]


def karate_edges() -> list[tuple[int, int]]:
    """The 78 friendships between members 0 .. 33."""
    pairs = (pair.split("-") for pair in KARATE_FRIENDS.split())
    return [(int(a) - 1, int(b) - 1) for a, b in pairs]


def random_walks(
    edges: Sequence[tuple[int, int]], n_nodes: int, n_walks: int, length: int, seed: int
) -> list[list[str]]:
    """`n_walks` uniform walks of `length` nodes from every node, in shuffled order.

    A token is the decimal number of a node. A node without neighbours gives walks of length 1.
    """
    rng = np.random.default_rng(seed)
    neighbours: list[list[int]] = [[] for _ in range(n_nodes)]
    for a, b in edges:
        neighbours[a].append(b)
        neighbours[b].append(a)
    walks: list[list[str]] = []
    for start in rng.permutation(np.repeat(np.arange(n_nodes), n_walks)):
        walk = [int(start)]
        while len(walk) < length and neighbours[walk[-1]]:
            options = neighbours[walk[-1]]
            walk.append(options[int(rng.integers(len(options)))])
        walks.append([str(node) for node in walk])
    return walks


def karate_walks(n_walks: int, length: int, seed: int) -> Walks:
    """Walks on the karate club, and the faction (0: Mr. Hi, 1: officers) of nodes "0" .. "33"."""
    labels = np.array([int(member not in KARATE_MR_HI) for member in range(1, 35)])
    return random_walks(karate_edges(), 34, n_walks, length, seed), labels


def community_walks(
    n_groups: int, group_size: int, p_in: float, p_out: float, n_walks: int, length: int, seed: int
) -> Walks:
    """Walks on a planted-partition graph, and the group of each of its nodes "0", "1", ...

    Two nodes are joined with probability `p_in` inside a group and `p_out` across groups.
    """
    rng = np.random.default_rng([seed, 1])
    labels = np.repeat(np.arange(n_groups), group_size)
    n = len(labels)
    edges = [
        (a, b)
        for a in range(n)
        for b in range(a + 1, n)
        if rng.random() < (p_in if labels[a] == labels[b] else p_out)
    ]
    return random_walks(edges, n, n_walks, length, seed), labels


def cosines_inside_across(
    vectors: npt.NDArray[Any], labels: npt.NDArray[np.integer[Any]]
) -> tuple[float, float]:
    """Mean cosine of the pairs of distinct rows with equal labels, and with different labels."""
    unit = vectors.astype(np.float64)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    inside: list[float] = []
    across: list[float] = []
    for a in range(len(unit)):
        for b in range(a):
            (inside if labels[a] == labels[b] else across).append(float(unit[a] @ unit[b]))
    return float(np.mean(inside)), float(np.mean(across))
