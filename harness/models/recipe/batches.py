"""Episodes -> padded batches of token ids with a weight for each target token."""

from collections.abc import Callable, Iterator
from random import Random
from typing import NamedTuple

import torch
from tokenizers import Tokenizer
from torch import Tensor

from harness.models.recipe.chat import Episode
from harness.models.recipe.tokenizer import BOS, END, MARK

LONGEST = 1024  # tokens; longer episodes are dropped
HOT = 4.0  # weight of a token that carries the content of an answer
FIRST = 2.5  # weight of the first token of every answer: it decides the style, whatever the length of what follows
PROMPT = 0.03  # weight of every third token outside answers: plain language modelling teaches words and copying early
FIRST_TURN = 1.5  # factor for the first answer of a chat, the only kind that an app asks for


class Sample(NamedTuple):
    """One encoded episode; the three lists are aligned."""

    kind: str
    ids: list[int]
    weights: list[float]  # of predicting ids[i] from what stands before it; mostly 0 outside answers
    answers: list[int]  # number of the answer whose hot token this is, -1 for all others


class Batch(NamedTuple):
    """`ids` (rows, length), right-padded; the rest is flat over the `targets` (positions with a weight)."""

    ids: Tensor
    rows: Tensor  # row of each target
    columns: Tensor  # position of each target
    weights: Tensor
    answers: Tensor  # batch-wide answer number or -1
    kinds: list[str]  # kind of each answer number


def encode(tokenizer: Tokenizer, episode: Episode) -> Sample:
    """Tokens of a chat with weights on the answers, their end markers included, and a little on the rest."""
    text, spans = BOS, []
    for turn in episode.turns:
        text += MARK[turn.role]
        start = len(text)
        text += f" {turn.text}{END}"
        if turn.role == "assistant":
            hot = [(at, at + len(part)) for part in turn.hot if (at := text.find(part, start)) >= 0]
            spans.append((start, len(text), hot))
    encoding = tokenizer.encode(text, add_special_tokens=False)
    ids, offsets = encoding.ids, encoding.offsets
    weights = [PROMPT if (at + len(ids)) % 3 == 0 and at > 0 else 0.0 for at in range(len(ids))]
    answers = [-1] * len(ids)
    index = 0
    for number, (start, end, hot) in enumerate(spans):
        while offsets[index][0] < start:
            index += 1
        last = index
        while last < len(ids) and offsets[last][0] < end:
            last += 1
        share = (FIRST_TURN if number == 0 else 1.0) / (last - index) ** 0.7
        for i in range(index, last):
            is_hot = any(offsets[i][0] < stop and offsets[i][1] > at for at, stop in hot)
            weights[i] = share * (HOT if is_hot else 1.0)
            answers[i] = number if is_hot else -1
        weights[index] = FIRST * (FIRST_TURN if number == 0 else 1.0)
        index = last
    return Sample(episode.kind, ids, weights, answers)


def collate(samples: list[Sample], pad: int = 0) -> Batch:
    """Pad to the longest sample and flatten the targets."""
    length = max(len(sample.ids) for sample in samples)
    ids = torch.full((len(samples), length), pad)
    rows, columns, weights, answers = [], [], [], []
    kinds: list[str] = []
    for row, sample in enumerate(samples):
        ids[row, : len(sample.ids)] = torch.tensor(sample.ids)
        first = len(kinds)
        kinds += [sample.kind] * (max(sample.answers) + 1)
        for column, (weight, answer) in enumerate(zip(sample.weights, sample.answers, strict=True)):
            if weight > 0:
                rows.append(row)
                columns.append(column)
                weights.append(weight)
                answers.append(first + answer if answer >= 0 else -1)
    return Batch(ids, torch.tensor(rows), torch.tensor(columns), torch.tensor(weights), torch.tensor(answers), kinds)


def batches(
    draw: Callable[[], Episode], tokenizer: Tokenizer, rng: Random, tokens: int, pool: int = 384
) -> Iterator[Batch]:
    """Endless batches of about `tokens` ids. Episodes of like length share a batch, so little is padding."""
    while True:
        samples = [sample for sample in (encode(tokenizer, draw()) for _ in range(pool)) if len(sample.ids) <= LONGEST]
        samples.sort(key=lambda sample: len(sample.ids))
        groups: list[list[Sample]] = [[]]
        for sample in samples:
            if groups[-1] and (len(groups[-1]) + 1) * len(sample.ids) > tokens:
                groups.append([])
            groups[-1].append(sample)
        rng.shuffle(groups)
        yield from (collate(group) for group in groups)
