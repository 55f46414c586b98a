"""LoRA on the embedded model: what 150 solved tickets of the sample's desk teach it, on tickets it has not seen.

    python -m benchmarks.lora [--examples 150] [--n 500] [--epochs 8]

The prompt says list and label only, and nothing of the desk's convention; the adapter must learn that from the
examples. Trained and measured tickets come from different seeds of held-out wordings and share no text.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

import torch
from peft import LoraConfig, get_peft_model
from torch import Tensor
from torch.nn import functional

from benchmarks.model import EMBEDDED, Messages, Model, score_labels, show
from harness.models.recipe.company import draw_tickets, label_of
from harness.models.recipe.tickets import Ticket

PROMPT = (
    "You are a support agent. Classify the ticket.\n"
    "Labels: billing, refund, shipping, account, technical, cancellation, sales.\n"
    "Answer with the label only."
)
RANK, RATE, BATCH = 8, 2e-3, 15
TARGETS = ["q_proj", "k_proj", "v_proj", "out_proj", "in_proj", "w1", "w2", "w3"]


def chat(one: Ticket) -> Messages:
    """The prompt and one ticket."""
    return [{"role": "system", "content": PROMPT}, {"role": "user", "content": one.text}]


def encoded(model: Model, tickets: Sequence[Ticket]) -> list[tuple[list[int], int]]:
    """Token ids of prompt, ticket and label, with the number of ids before the label."""
    rows = []
    for one in tickets:
        asked = model.tokenizer.apply_chat_template(chat(one), add_generation_prompt=True, tokenize=False)
        before = model.tokenizer(asked, add_special_tokens=False)["input_ids"]
        after = model.tokenizer(f" {label_of(one.topic)}", add_special_tokens=False)["input_ids"]
        rows.append(([*before, *after, model.tokenizer.eos_token_id], len(before)))
    return rows


def batch_of(rows: Sequence[tuple[list[int], int]], pad: int) -> tuple[Tensor, Tensor]:
    """Right-padded ids (rows, length) and their targets, -100 outside labels."""
    length = max(len(ids) for ids, _ in rows)
    ids, targets = torch.full((len(rows), length), pad), torch.full((len(rows), length), -100)
    for row, (tokens, start) in enumerate(rows):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        targets[row, start : len(tokens)] = torch.tensor(tokens[start:])
    return ids, targets


def train(model: Model, tickets: Sequence[Ticket], epochs: int, seed: int) -> float:
    """Put a LoRA adapter on the model and train it; returns the last epoch's mean loss."""
    config = LoraConfig(r=RANK, lora_alpha=2 * RANK, target_modules=TARGETS, task_type="CAUSAL_LM")
    network = get_peft_model(model.network, config)
    network.train()
    optimizer = torch.optim.AdamW([p for p in network.parameters() if p.requires_grad], lr=RATE)
    rows, rng, losses = encoded(model, tickets), Random(seed), [0.0]
    for _ in range(epochs):
        rng.shuffle(rows)
        losses = []
        for start in range(0, len(rows), BATCH):
            ids, targets = batch_of(rows[start : start + BATCH], model.tokenizer.pad_token_id)
            logits = network(input_ids=ids, attention_mask=(ids != model.tokenizer.pad_token_id).long()).logits
            loss = functional.cross_entropy(logits[:, :-1].flatten(0, 1), targets[:, 1:].flatten(), ignore_index=-100)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    model.network = network.eval()
    return sum(losses) / len(losses)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=EMBEDDED)
    parser.add_argument("--examples", type=int, default=150)
    parser.add_argument("--n", type=int, default=500)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seed", type=int, default=3001)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    measured = [one for _, one in draw_tickets(arguments.seed + 1, arguments.n)]
    seen = {one.text for one in measured}
    drawn = [one for _, one in draw_tickets(arguments.seed, arguments.examples * 2)]
    examples = [one for one in drawn if one.text not in seen][: arguments.examples]
    model = Model(arguments.model)
    print("| prompt | n | valid | accuracy | clear topics | ambiguous topics |\n|---|---|---|---|---|---|")
    show(score_labels("before", measured, model.answers([chat(one) for one in measured])))
    begun = time.monotonic()
    loss = train(model, examples, arguments.epochs, arguments.seed)
    seconds = time.monotonic() - begun
    show(score_labels(f"LoRA r={RANK}", measured, model.answers([chat(one) for one in measured])))
    print(f"\n{len(examples)} examples, {arguments.epochs} epochs, {seconds:.0f} s, last loss {loss:.3f}")


if __name__ == "__main__":
    main()
