"""Which subsets are the answer: the search, the tests that each must pass, smaller subsets where those say as much."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ...patterns.cube import Subset
from ...progress import Progress, part_of, tick
from ...results import Coverage
from ..method.characters import Characters, Signs
from .checks import Checks
from .errors import two_sided
from .feed import FROM_EACH, Feed
from .groups import Groups
from .joint import MOST_UNITS, proper_subsets
from .offers import joint_squares, pairs_to_offer
from .pool import Pool
from .probable import probabilities
from .search import Penalty, Search, critical_value
from .settings import Settings
from .state import State
from .target import Target

_TURNS = 60  # of leaving out and replacing; each forbids a subset or lets one stand
_CERTIFICATES = 8  # rounds of scans of what each subset's absence leaves
_OFFERS = 5  # subsets that may join with their proper subsets
_SHARES = 3  # estimates of the intra-class correlation
_PATIENCE = 3  # turns in which single subsets are replaced, before all of their kind are
_PROBABLE = 0.5  # of a name in the longer list
_SAYS_MORE = 0.05  # level at which a subset says more than smaller ones, and a part something beside its whole


@dataclass(frozen=True)
class Selection:
    """Chosen subsets, those to include first, then the strongest.

    ``level``: the two-sided level that each p-value had to reach; ``improbable``: subsets that reached it and are less
    probable than not, left out of the longer list; ``pool``: every subset that was considered; ``search`` and
    ``checks`` are what the next steps go on with.
    """

    subsets: tuple[Subset, ...]
    improbable: tuple[Subset, ...]
    examined: int
    level: float
    coverage: Coverage
    scans: int
    pool: tuple[Subset, ...]
    search: Search = field(repr=False)
    checks: Checks = field(repr=False)

    @property
    def chosen(self) -> list[int]:
        """Where the subsets stand in the pool of the search."""
        return [self.search.pool.place[subset] for subset in self.subsets]

    @property
    def notes(self) -> tuple[str, ...]:
        """What the search did not look at, and what was left out of its answer, in words."""
        count = len(self.improbable)
        more = (
            "1 more subset passed its test and is" if count == 1 else f"{count} more subsets passed their test and are"
        )
        sentence = f"{more} left out: less probable than not, since others could stand there."
        return (*self.coverage.notes, *([sentence] if count else []))


def select(
    characters: Characters,
    y: NDArray[np.float64],
    settings: Settings,
    *,
    units: Sequence[int] | None = None,
    groups: NDArray[np.intp] | None = None,
    pool: Iterable[Subset] | None = None,
    examined: int | None = None,
    progress: Progress | None = None,
) -> Selection:
    """Find the subsets that a target depends on.

    Parameters
    ----------
    characters : Characters
        On the samples to use.
    y : ndarray, shape (m,)
    settings : Settings
    units : sequence of int, optional
        Units to search among, those that say the same as another one left out; default all.
    groups : ndarray of int, shape (m,), optional
        Numbers of the samples' groups.
    pool : iterable of subsets, optional
        The only candidates; nothing is scanned.
    examined : int, optional
        With ``pool``: how many subsets it was picked from.
    progress : callable, optional
        Gets ``(done, total)``, also between moves of the search; may raise :class:`actspec_widgets.Cancelled`.
    """
    target, groups = Target.of(y), None if groups is None else np.unique(groups, return_inverse=True)[1]
    together = None if groups is None else Groups(groups)
    if together is not None:
        together.measure(target.values)
    candidates = Pool(characters, target.values, settings.min_side(len(y)), together)
    kept = candidates.places(settings.must_include)
    feed = Feed(candidates, range(characters.n_units) if units is None else units, settings, pool, examined)
    most = min(settings.top, feed.examined + len(kept), len(y) - 2)  # more columns have no error
    penalty = Penalty(
        len(y), feed.examined, settings.alpha, settings.error_rate, max(most, len(kept)),
        len(y) if together is None else len(together), target.floor,
    )  # fmt: skip
    search = Search(candidates, penalty, settings.rho_max, kept, settings.independent)
    checks = Checks(characters, target.values, groups, target.floor)
    longer = settings.error_rate == "fdr"
    half = part_of(progress, 0, 2) if longer else progress
    chosen = kept if target.constant else found(search, checks, feed, together, half)
    level, improbable = search.penalty.level(len(chosen) - len(kept)), list[int]()
    if longer:
        share = probabilities(search, chosen, settings.seed, part_of(progress, 1, 2))
        improbable = [at for at, own in zip(chosen, share, strict=True) if own < _PROBABLE]
        chosen = [at for at in chosen if at not in improbable]
    search.progress = None
    strength = dict(zip(chosen, State(candidates, chosen).losses(), strict=True))
    free = sorted((at for at in chosen if at not in kept), key=lambda at: (-strength[at], int(candidates.rank[at])))
    coverage = replace(feed.covered(), undecided=len(improbable))
    return Selection(
        candidates.names([*kept, *free]), candidates.names(improbable), search.penalty.examined, level, coverage,
        feed.scans, tuple(candidates.subsets), search, checks,
    )  # fmt: skip


def found(search: Search, checks: Checks, feed: Feed, together: Groups | None, progress: Progress | None) -> list[int]:
    """Start, settle and certify; with groups again, as what is found changes how closely residuals go together."""
    chosen: list[int] = list(search.kept)
    rounds = 1 if together is None else _SHARES
    for turn in range(rounds):
        part = part_of(progress, turn, rounds)
        chosen = started(search, feed, part)
        _stage(search, feed, part, 4)
        chosen = settled(search, checks, chosen)
        chosen = certified(search, checks, feed, chosen, part)
        _stage(search, feed, part, 9)
        chosen = with_joint_parts(search, checks, feed, chosen)
        if together is None:
            break
        before = together.share
        together.measure(State(search.pool, chosen).residual())
        search.pool.weigh()
        if abs(together.share - before) < 0.01:
            break
        search.pool.allow(search.pool.forbidden)
        search.kept = search.asked
    tick(progress, 1, 1)
    return chosen


def _stage(search: Search, feed: Feed, progress: Progress | None, tenth: int) -> None:
    """Report one of ten stages from now on."""
    search.progress = feed.progress = part_of(progress, tenth, 10)
    tick(search.progress, 0, 1)


def started(search: Search, feed: Feed, progress: Progress | None) -> list[int]:
    """The better of the two starts, each improved."""
    _stage(search, feed, progress, 0)
    ahead = search.forward(feed)
    _stage(search, feed, progress, 1)
    shrunk = search.lasso(feed)
    _stage(search, feed, progress, 2)
    return search.best_of([ahead, shrunk, []])


def settled(search: Search, checks: Checks, chosen: list[int]) -> list[int]:
    """Leave out what its robust test does not confirm; say in smaller subsets what these can say; until all holds."""
    stands: set[Subset] = set()
    for _ in range(_TURNS):
        weak = unconfirmed(search, checks, chosen)
        if weak is not None:
            search.pool.forbid(search.pool.names([weak]))
            chosen = search.improved([at for at in chosen if at != weak])
            continue
        unproven = without_joint_part(search, checks, chosen, stands)
        if not unproven:
            break
        smaller, forbidden = in_smaller_subsets(search, checks, chosen, stands)
        if needed := says_more(search, checks, chosen, unproven, smaller):
            stands.update(search.pool.names(needed))
        else:
            search.pool.forbid(forbidden)
            chosen = search.improved(smaller)
    return chosen


def unconfirmed(search: Search, checks: Checks, chosen: Sequence[int]) -> int | None:
    """The least significant column by its robust test, where that does not reach the level."""
    free = [at for at in chosen if at not in search.kept]
    if not free:
        return None
    p = dict(zip(chosen, checks.fit(search.pool.names(chosen)).p.tolist(), strict=True))
    worst = max(free, key=lambda at: (p[at], int(search.pool.rank[at])))
    return worst if p[worst] > search.penalty.level(len(free)) else None


def without_joint_part(search: Search, checks: Checks, chosen: Sequence[int], stands: set[Subset]) -> list[int]:
    """Chosen subsets of several units whose joint part is not significant, except those that stand all the same."""
    names = search.pool.names(chosen)
    level = search.penalty.level(len(chosen) - len(search.kept))
    several = [
        (at, subset)
        for at, subset in zip(chosen, names, strict=True)
        if len(subset) > 1 and at not in search.kept and subset not in stands
    ]
    return [at for at, subset in several if checks.joint(subset, names).p > level]


def in_smaller_subsets(
    search: Search, checks: Checks, chosen: list[int], stands: set[Subset]
) -> tuple[list[int], set[Subset]]:
    """The best answer without subsets whose joint part is not significant, their parts offered instead.

    Where others of that kind come in their place again and again, all subsets of several units go that are not in the
    answer with a significant joint part. Also returns which must not come back.
    """
    pool = search.pool
    before = set(pool.forbidden)
    for turn in range(_TURNS):
        unproven = without_joint_part(search, checks, chosen, stands)
        if not unproven:
            break
        names = pool.names(unproven)
        pool.forbid(names)
        if turn >= _PATIENCE:
            holding = {*pool.names(at for at in chosen if at not in unproven), *stands, *pool.names(search.kept)}
            pool.forbid(s for s in pool.subsets if len(s) > 1 and s not in holding)
        parts = [part for s in names for part in (proper_subsets(s) if len(s) <= MOST_UNITS else zip(s, strict=True))]
        rest = [at for at in chosen if at not in unproven]
        chosen = search.improved(search.backward([*rest, *pool.places(parts)]))
    new = pool.forbidden - before
    pool.allow(new)
    return chosen, new


def says_more(
    search: Search, checks: Checks, chosen: Sequence[int], unproven: Sequence[int], smaller: Sequence[int]
) -> list[int]:
    """Those of some subsets that add to the answer in smaller ones, and whose joint part may well be there.

    It cannot be estimated, or would be significant without correction: the data cannot tell which proper subsets are
    needed beside them, but smaller subsets do not say the same. So they stay in the answer, without a joint claim.
    """
    names = search.pool.names(chosen)
    joint = {at: checks.joint(search.pool.subsets[at], names) for at in unproven}
    unproven = [at for at, part in joint.items() if not part.estimable or part.p <= _SAYS_MORE]
    if not unproven:
        return []
    state = State(search.pool, smaller)
    level = _SAYS_MORE / len(unproven)
    squared = [
        search.squared_t(state, at) if state.length[at] > 1e-6 * search.pool.norms[at] else 0.0 for at in unproven
    ]
    p = two_sided(np.sqrt(squared), np.full(len(unproven), float(search.freedom(len(smaller)))))
    return [at for at, value in zip(unproven, p, strict=True) if value <= level]


def with_joint_parts(search: Search, checks: Checks, feed: Feed, chosen: list[int]) -> list[int]:
    """Add subsets whose joint part is significant, with all their proper subsets, which then stay beside them."""
    pool = search.pool
    if feed.degree < 2 or search.apart or not isinstance(pool.characters, Signs):
        return chosen  # products of standardised units hardly share anything with their parts
    if not feed.complete:
        hear = partial(tick, search.progress, 0, 1)
        pool.grow(pairs_to_offer(pool, feed.units, pool.names(chosen), hear))
    for _ in range(_OFFERS):
        tick(search.progress, 0, 1)
        # One more way in, and a false one brings its parts along: half the family-wise level, whatever the error rate.
        level = search.penalty.level(1) / 2
        joining = best_joint_part(search, checks, chosen, level)
        if joining is None:
            break
        family = [*pool.places(proper_subsets(pool.subsets[joining])), joining]
        joined = list(dict.fromkeys([*chosen, *family]))
        if len(joined) > search.penalty.most:
            break
        kept, without = search.kept, chosen
        search.kept = tuple(dict.fromkeys([*kept, *family]))
        chosen = settled(search, checks, search.improved(joined))
        if checks.joint(pool.subsets[joining], pool.names(chosen)).p > level:
            search.kept, chosen = kept, without
            break
        chosen = without_idle_parts(search, checks, chosen, joining, [at for at in family if at not in without], level)
    return chosen


def without_idle_parts(
    search: Search, checks: Checks, chosen: list[int], joining: int, parts: Sequence[int], level: float
) -> list[int]:
    """Leave out those parts of a subset that say nothing beside it: all of them, if it is a parity by itself."""
    idle = [at for at in parts if at != joining]
    while idle:
        p = dict(zip(chosen, checks.fit(search.pool.names(chosen)).p.tolist(), strict=True))
        worst = max(idle, key=lambda at: (p[at], int(search.pool.rank[at])))
        rest = [at for at in chosen if at != worst]
        own = dict(zip(rest, checks.fit(search.pool.names(rest)).p.tolist(), strict=True))[joining]
        if p[worst] <= _SAYS_MORE or own > level:
            break
        idle.remove(worst)
        chosen, search.kept = rest, tuple(at for at in search.kept if at != worst)
    return chosen


def best_joint_part(search: Search, checks: Checks, chosen: Sequence[int], level: float) -> int | None:
    """The subset that is not chosen and has the most significant joint part, if its robust test confirms that."""
    places, squares = joint_squares(search.pool, State(search.pool, chosen))
    least = critical_value(level, search.freedom(len(chosen))) ** 2
    names = search.pool.names(chosen)
    for i in np.argsort(-squares, kind="stable")[:_OFFERS]:
        if squares[i] > least and checks.joint(search.pool.subsets[places[i]], names).p <= level:
            return int(places[i])
    return None


def certified(search: Search, checks: Checks, feed: Feed, chosen: list[int], progress: Progress | None) -> list[int]:
    """Scan what all the subsets leave and what is left without each one, until nothing better turns up."""
    pool = search.pool
    for turn in range(0 if feed.complete else _CERTIFICATES):
        _stage(search, feed, progress, min(5 + turn, 8))
        new = feed.look([State(pool, chosen).residual()])
        without = [[at for at in chosen if at != one] for one in chosen if one not in search.kept]
        new += feed.look([State(pool, rest).residual() for rest in without], FROM_EACH)
        search.examine(feed.examined)
        better = search.improved(chosen) if new else chosen
        if set(better) == set(chosen):
            break
        chosen = settled(search, checks, better)
    return chosen
