"""A million per-case scores compared: seconds, memory, and the error of the normal law that is used above 10,000.

    python -m benchmarks.million

Two arms of 500,000 cases as arrays (one score a case, right or wrong, one in five drawn anew) through
``stats.contrast``; then the normal p beside the exact one at 10,000 differences of one size.
"""

from __future__ import annotations

import json
import math
import resource
import time

import numpy as np
from scipy import special

from harness.stats import Paired, contrast
from harness.stats.signflip import NORMAL_ABOVE, exact_p

CASES = 500_000


def arms(cases: int, rng: np.random.Generator) -> Paired:
    """Two arms that differ in one case of five, half of those each way."""
    before = (rng.random(cases) < 0.6).astype(np.float64)
    after = np.where(rng.random(cases) < 0.2, rng.random(cases) < 0.6, before).astype(np.float64)
    return Paired(before, after, 0, (after - before).astype(np.int64), True)


def main() -> None:
    """Print one JSON object."""
    rng = np.random.default_rng(1)
    idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    pairs = arms(CASES, rng)
    began = time.perf_counter()
    found = contrast("accuracy", "higher", pairs, seed=0)
    seconds = time.perf_counter() - began
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    errors = []
    for z in (0.0, 1.0, 1.645, 2.326, 3.0):
        steps = np.ones(NORMAL_ABOVE, dtype=np.int64)
        steps[: round((NORMAL_ABOVE - z * math.sqrt(NORMAL_ABOVE)) / 2)] = -1
        errors.append(abs(exact_p(steps) - float(special.ndtr(-steps.sum() / math.sqrt(NORMAL_ABOVE)))))
    answer = {
        "scores": 2 * CASES,
        "method": found.method,
        "seconds": seconds,
        "rss_mb": most / 1024,
        "rss_mb_before": idle / 1024,
        "largest_error_of_p_at_10000": max(errors),
    }
    print(json.dumps(answer, indent=2))


if __name__ == "__main__":
    main()
