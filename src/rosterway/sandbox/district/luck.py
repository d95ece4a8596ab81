"""Chance that repeats itself: every draw of a district descends from its seed."""

from collections.abc import Mapping
from random import Random


def luck(*parts: object) -> Random:
    """A generator that depends on `parts` alone, whatever was drawn elsewhere before."""
    return Random("/".join(map(str, parts)))  # noqa: S311  must repeat; guards no secret


def share_of(count: int, share: float, rng: Random) -> int:
    """`count * share` as a whole number that is right on average also for small counts."""
    return min(count, int(count * share + rng.random()))


def apportion(total: int, weights: list[float]) -> list[int]:
    """Whole parts of `total` in the proportion of `weights` (largest remainders)."""
    scale = total / sum(weights)
    exact = [weight * scale for weight in weights]
    parts = [int(amount) for amount in exact]
    by_remainder = sorted(range(len(exact)), key=lambda at: (parts[at] - exact[at], at))
    for at in by_remainder[: total - sum(parts)]:
        parts[at] += 1
    return parts


def drawn(odds: Mapping[str, int], rng: Random) -> str | None:
    """One of the names, each with so many chances in a thousand; None for the rest of them."""
    left = rng.randrange(1_000)
    for name, share in odds.items():
        left -= share
        if left < 0:
            return name
    return None
