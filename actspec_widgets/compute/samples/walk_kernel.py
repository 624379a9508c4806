"""A depth-first walk below some buckets of subsets."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..exhaustive.scan_kernel import replace_smallest
from ..kernels import kernel
from ..parity import popcount
from .sample_tree import ONE, child_bounds, child_sums, group_sums, rank_of, transform, transform_work


class Buckets(NamedTuple):
    """Buckets as columns; ``ranks`` are those of their bounds."""

    subsets: NDArray[np.uint64]  # (k, words)
    depths: NDArray[np.int64]
    degrees: NDArray[np.int64]
    ranks: NDArray[np.int64]


class Limits(NamedTuple):
    """What a walk may look at."""

    max_degree: int
    floor: int  # rank that a subset must reach to be of interest
    leave: int  # buckets below this rank are left open for later
    nodes: int
    work: int  # sums touched, some 2 ns each


@kernel
def append(buckets, at, subset, depth, degree, rank):
    buckets.subsets[at] = subset
    buckets.depths[at] = depth
    buckets.degrees[at] = degree
    buckets.ranks[at] = rank
    return at + 1


@kernel
def explore(tree, buckets, limits, heap, opened, found):
    """Walk depth-first below each bucket, the better child first.

    ``heap`` holds the largest ranks found so far: its root, or the floor, is what a subset must reach.
    Those that do are appended to ``found``; buckets that were not finished, to ``opened``.
    Returns the lengths of both, the buckets bounded or finished by a transform, and the work done.
    """
    n_words = tree.patterns.shape[1]
    last = tree.counts.size - 1
    sums = np.empty(tree.slots[-1], np.int64)
    table = np.empty(1 << tree.block, np.int64)
    stack = Buckets(
        np.empty((last + 2, n_words), np.uint64),
        np.empty(last + 2, np.int64),
        np.empty(last + 2, np.int64),
        np.empty(last + 2, np.int64),
    )
    subset = np.empty(n_words, np.uint64)
    n_opened = n_found = nodes = work = 0
    need = max(limits.floor, heap[0])
    for bucket in range(buckets.ranks.size):
        height = append(
            stack, 0, buckets.subsets[bucket], buckets.depths[bucket], buckets.degrees[bucket], buckets.ranks[bucket]
        )
        first = True
        while height:
            height -= 1
            subset[:] = stack.subsets[height]
            depth, degree, rank = stack.depths[height], stack.degrees[height], stack.ranks[height]
            if rank < need:
                continue
            full = nodes + 2 > limits.nodes or work >= limits.work or found.ranks.size - n_found < table.size + last
            if full or (rank < limits.leave and depth < tree.finish):
                n_opened = append(opened, n_opened, subset, depth, degree, rank)
                continue
            here = sums[tree.slots[depth] :]
            if first or depth <= tree.shallow:
                group_sums(tree, subset, depth, here)
                work += tree.totals.size
            else:  # the parent's sums are still in their slot
                p = depth - 1
                taken = (subset[p // 64] >> np.uint64(p % 64)) & ONE
                kinds = tree.kinds[tree.kind_starts[p] : tree.kind_starts[p] + tree.counts[depth]]
                child_sums(sums[tree.slots[p] :], kinds, taken != 0, here)
                work += kinds.size
            first = False
            while depth < last:
                if nodes + 2 > limits.nodes:
                    n_opened = append(opened, n_opened, subset, depth, degree, rank)
                    break
                here = sums[tree.slots[depth] :]
                kinds = tree.kinds[tree.kind_starts[depth] : tree.kind_starts[depth] + tree.counts[depth + 1]]
                without, within, total = child_bounds(here, kinds)
                nodes += 2
                work += 2 * kinds.size
                bound = rank >> 20 << 20
                rank = rank_of(min(without, bound), degree)
                other = rank_of(min(within, bound), degree + 1)
                bit = ONE << np.uint64(depth % 64)
                word = depth // 64
                depth += 1
                taken = False
                if degree + 1 == limits.max_degree:  # only one subset in there: its sum is known
                    other = rank_of(abs(total), degree + 1)
                    subset[word] |= bit
                    if other >= need:
                        n_found = append(found, n_found, subset, depth, degree + 1, other)
                        if other > heap[0]:
                            replace_smallest(heap, other)
                            need = max(limits.floor, heap[0])
                    subset[word] ^= bit
                else:
                    taken = other > rank
                    if taken:
                        rank, other = other, rank
                    if other >= need:
                        if not taken:
                            subset[word] |= bit
                        height = append(stack, height, subset, depth, degree + (not taken), other)
                        if not taken:
                            subset[word] ^= bit
                    if taken:
                        subset[word] |= bit
                        degree += 1
                if rank < need:
                    break
                if rank < limits.leave and depth < tree.finish:
                    n_opened = append(opened, n_opened, subset, depth, degree, rank)
                    break
                child_sums(here, kinds, taken, sums[tree.slots[depth] :])
            else:
                nodes += 1
                work += transform_work(tree.block)
                table[:] = 0
                here = sums[tree.slots[depth] :]
                for g in range(tree.block_index.size):
                    table[tree.block_index[g]] = here[g]
                transform(table)
                smallest = (need >> 20 << 20) - (1 << 19)
                for T in range(table.size):
                    size = abs(table[T])
                    if size < smallest:
                        continue
                    members = degree + popcount(np.uint64(T))
                    rank = rank_of(size, members)
                    if rank < need or members == 0 or members > limits.max_degree:
                        continue
                    found.subsets[n_found] = subset
                    for t in range(tree.block):
                        if (T >> t) & 1:
                            found.subsets[n_found, (last + t) // 64] |= ONE << np.uint64((last + t) % 64)
                    found.degrees[n_found] = members
                    found.ranks[n_found] = rank
                    n_found += 1
                    if rank > heap[0]:
                        replace_smallest(heap, rank)
                        need = max(limits.floor, heap[0])
    return n_opened, n_found, nodes, work
