"""How far a judge agrees with people, and what a mean of its verdicts is once its errors are taken out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Between:
    """A figure with its two-sided 95 % interval; None where nothing can be said."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What corrections need of the labelled replies; shares from 0 to 1, the judge's and the people's."""

    good: int  # replies that people call good (1); of a judge of yes or no
    good_found: int  # of these, those that the judge calls good
    bad: int
    bad_found: int  # of these, those that the judge calls bad
    judge_variance: float  # ddof 1
    people_variance: float
    covariance: float
    judge_mean: float
    people_mean: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """A judge against the labels of people."""

    metric: str
    version: str  # of the judge: rubric, model and all
    model: str
    form: str  # "yes/no", "scale", "pairwise", "claims"
    labels: str  # name of the file
    at: str  # ISO 8601, UTC
    n: int  # replies with both a label and a verdict
    unscored: int  # replies without a verdict
    agreement: Between  # share of equal verdicts
    kappa: Between  # Cohen's, unweighted
    weighted: Between | None  # kappa with quadratic weights; of a scale
    bias: Between  # mean of judge minus people
    length: Between  # that mean for the longer half of the replies, less that for the shorter half
    turned: Between | None  # of pairs: share whose verdict changes with the order of the replies
    first: Between | None  # of pairs: of the verdicts that change, share that prefers what stands first; fair is 0.5
    verdicts: Verdicts


@dataclass(frozen=True, slots=True)
class Correction:
    """A mean of a judge's verdicts without its errors."""

    metric: str
    version: str  # of the app: "as found", "in the end"
    raw: Between
    corrected: Between  # wider: what is not known of the judge's errors counts
    method: str  # "Rogan-Gladen" or "prediction-powered"
