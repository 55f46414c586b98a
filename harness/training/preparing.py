"""The data of a job made ready: divided, tokenized, counted, and what a user should know before it is trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.errors import UserError
from harness.training import division, encode, estimate, examples, loop, weights
from harness.training.bases import Base
from harness.training.estimate import Estimate
from harness.training.parameters import Parameters
from harness.training.spec import Spec


@dataclass(frozen=True, slots=True)
class Ready:
    """A job whose data is understood."""

    base: Base
    parameters: Parameters
    tokenizer: Any
    training: encode.Read
    validation: encode.Read
    digest: str  # of the examples
    epochs: int
    estimate: Estimate  # without time
    notes: tuple[str, ...]  # what a user should know before it starts


def prepare(asked: Spec, base: Base, chosen: Parameters, data: Sequence[examples.Example]) -> Ready:
    """Divide and tokenize. Raises UserError where too little is left to train on."""
    tokenizer = weights.tokenizer(base.folder, asked.template)
    sides = division.divide(data, chosen.validation_split, chosen.seed)
    limit = min(chosen.max_length or base.context, base.context)
    training, validation = (
        encode.encode(tokenizer, part, chosen.prompt_loss_weight, limit) for part in (sides.training, sides.validation)
    )
    notes = _notes(asked, chosen, training, validation, limit)
    epochs = loop.epochs_of(len(training.kept), chosen)
    longest = max(training.longest, validation.longest)
    taken = Estimate(
        memory=estimate.memory(base, asked.method, chosen, longest),
        available=estimate.available(),
        trained=estimate.trained(base, asked.method, chosen),
        tokens=epochs * training.tokens,
    )
    if taken.memory > taken.available:
        fits = estimate.what_fits(base, asked.method, chosen, longest, taken.available)
        needs = f"about {taken.memory / 1e9:.1f} GB are needed and {taken.available / 1e9:.1f} GB are free"
        notes = (*notes, f"{needs}; what fits: {fits}")
    digest = examples.digest(data)
    return Ready(base, chosen, tokenizer, training, validation, digest, epochs, taken, notes)


def _notes(
    asked: Spec, chosen: Parameters, training: encode.Read, validation: encode.Read, limit: int
) -> tuple[str, ...]:
    """Raises UserError where too few examples fit, or none that could validate."""
    notes = []
    if long := training.too_long + validation.too_long:
        answers = training.answers_too_long + validation.answers_too_long
        said = f"{long} examples are longer than {limit} tokens and are left out"
        notes.append(said + (f"; of {answers} the answer alone is longer" if answers else ""))
    if len(training.kept) + len(validation.kept) < examples.FEWEST or not training.kept:
        left = len(training.kept) + len(validation.kept)
        said = f"{left} examples fit into {limit} tokens, at least {examples.FEWEST} are needed"
        raise UserError(said, where=asked.data, fix="shorten the examples, or name a base with a longer context")
    if not chosen.validation_split:
        notes.append(
            "validation_split is 0: nothing shows whether it learns by heart, it does not stop early, "
            "and the last weights are kept"
        )
    elif not validation.kept:
        said = f"no validation example fits into {limit} tokens"
        raise UserError(said, where=asked.data, fix="shorten the examples, or set validation_split=0")
    return tuple(notes)
