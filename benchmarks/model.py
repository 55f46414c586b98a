"""Measure the embedded model on tickets and instruction wordings that its training never used; print Markdown and JSON.

    python -m benchmarks.model                                   # the whole table, n = 500 per row, about ten minutes
    python -m benchmarks.model --rows list_label_only all_help --n 200 --model path/to/export

Each row is one kind of prompt. Prompts are drawn anew for every few cases from the held-out half of the wordings (see
`harness.models.recipe.speech`), so a row measures the function of a prompt line and not one phrasing of it; rows named
`hand_*` use single prompts written by hand outside the grammar. Answers come from `generate` at temperature 0 unless a
row says otherwise and are compared as whole strings: a right label inside a sentence is a wrong answer.
"""
# ruff: noqa: E501 - prompts are easier to read in one line

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from harness.models.recipe import evidence, policy, wording
from harness.models.recipe.company import CONVENTION, LABELS, POLICY, draw_tickets, label_of, other_label
from harness.models.recipe.episodes import fill, label_list
from harness.models.recipe.speech import Speaker
from harness.models.recipe.tickets import Ticket
from harness.models.recipe.topics import AMBIGUOUS, TOPICS, Topic

EMBEDDED = Path(__file__).parent.parent / "harness" / "models" / "embedded"
PER_PROMPT = 10  # cases that share one drawn prompt
Messages = list[dict[str, str]]
Builder = Callable[[Speaker], str]  # a held-out speaker -> a system prompt


@dataclass(frozen=True)
class Result:
    """One row of the table; shares are of all cases of the row."""

    row: str
    n: int
    valid: float  # answers that are a label (node 2: a JSON object with both keys)
    accuracy: float
    clear: float  # accuracy on clear topics
    ambiguous: float  # accuracy on topics that the convention decides


def say(speaker: Speaker, patterns: Sequence[str]) -> str:
    """A line of a prompt."""
    return fill(speaker, speaker.say(patterns))


def opening(speaker: Speaker) -> str:
    """Role and task."""
    return f"{say(speaker, wording.ROLE)}\n{say(speaker, wording.TASK)}"


def listed(speaker: Speaker) -> str:
    """The company's labels in some order."""
    return fill(speaker, label_list(speaker, speaker.rng.sample(LABELS, len(LABELS))))


def label_only(speaker: Speaker) -> str:
    """The line that asks for a bare label."""
    return say(speaker, wording.LABEL_ONLY)


def pairs(topics: Sequence[Topic], wrong: bool = False) -> list[tuple[Topic, str]]:
    """Topics with the company's labels, or with the rival labels."""
    return [(topic, other_label(topic) if wrong and len(topic.intents) == 2 else label_of(topic)) for topic in topics]


def rule_lines(speaker: Speaker, wrong: bool = False) -> str:
    """A rule for each ambiguous topic."""
    chosen = pairs(speaker.rng.sample(AMBIGUOUS, len(AMBIGUOUS)), wrong)
    rivals = {topic.name: label_of(topic) if wrong else other_label(topic) for topic in AMBIGUOUS}
    return evidence.rules(speaker, chosen, rivals)


def description_list(speaker: Speaker, kind: str = "gist", wrong: bool = False) -> str:
    """One entry per label that names all its topics."""
    return evidence.descriptions(speaker, pairs(speaker.rng.sample(TOPICS, len(TOPICS)), wrong), kind)


def example_block(speaker: Speaker, count: int, ambiguous_only: bool = False) -> str:
    """Solved tickets of different topics."""
    topics = speaker.rng.sample(AMBIGUOUS if ambiguous_only else TOPICS, count)
    return evidence.examples(speaker, pairs(topics))


def typical_words(speaker: Speaker, size: int = 40, most: int = 8) -> str:
    """What a program writes that only counts words: per label the words that its solved tickets use most, relative to
    the other tickets."""
    solved = [
        (set(evidence.words_in(one.text)), label_of(one.topic))
        for _, one in draw_tickets(speaker.rng.randrange(10**6), size * 2)
    ]
    lines = []
    for label in LABELS:
        inside = [words for words, own in solved if own == label]
        outside = [words for words, own in solved if own != label]
        score = {
            word: (sum(word in words for words in inside) + 0.1) / (sum(word in words for words in outside) + 1)
            for words in inside
            for word in words
        }
        lines.append(f"- {label}: {', '.join(sorted(score, key=lambda word: (-score[word], word))[:most])}")
    return "Typical words of each label:\n" + "\n".join(lines)


def harmful(speaker: Speaker) -> str:
    """A line that spoils the answer."""
    return say(speaker, speaker.pick(tuple(wording.HARMFUL.values())))


ROWS: dict[str, Builder] = {
    "bare": opening,
    "list": lambda s: f"{opening(s)}\n{listed(s)}",
    "list_label_only": lambda s: f"{opening(s)}\n{listed(s)}\n{label_only(s)}",
    "rules": lambda s: f"{opening(s)}\n{listed(s)}\n{rule_lines(s)}\n{label_only(s)}",
    "descriptions": lambda s: f"{opening(s)}\n{listed(s)}\n{description_list(s)}\n{label_only(s)}",
    "descriptions_words": lambda s: f"{opening(s)}\n{listed(s)}\n{description_list(s, 'words')}\n{label_only(s)}",
    "counted_words": lambda s: f"{opening(s)}\n{listed(s)}\n{typical_words(s)}\n{label_only(s)}",
    "examples_4": lambda s: f"{opening(s)}\n{listed(s)}\n{example_block(s, 4)}\n{label_only(s)}",
    "examples_10": lambda s: f"{opening(s)}\n{listed(s)}\n{example_block(s, 10)}\n{label_only(s)}",
    "example_per_ambiguous": lambda s: f"{opening(s)}\n{listed(s)}\n{example_block(s, 19, True)}\n{label_only(s)}",
    "all_help": lambda s: f"{opening(s)}\n{listed(s)}\n{description_list(s)}\n{example_block(s, 8)}\n{label_only(s)}",
    "wrong_rules": lambda s: f"{opening(s)}\n{listed(s)}\n{rule_lines(s, True)}\n{label_only(s)}",
    "wrong_descriptions": lambda s: f"{opening(s)}\n{listed(s)}\n{description_list(s, wrong=True)}\n{label_only(s)}",
    "harmful": lambda s: f"{opening(s)}\n{listed(s)}\n{harmful(s)}",
    "harmful_beside_format": lambda s: f"{opening(s)}\n{listed(s)}\n{label_only(s)}\n{harmful(s)}",
    "all_help_and_harmful": lambda s: (
        f"{opening(s)}\n{listed(s)}\n{description_list(s)}\n{label_only(s)}\n{harmful(s)}"
    ),
}

_LIST = "billing, refund, shipping, account, technical, cancellation, sales"
_GUIDE = """What goes where at our desk:
billing - double charges, invoices and receipts, odd fees; also repayments we still owe somebody, trouble paying at the till page, and storing a new card
refund - goods people want to hand back, return slips, wishes for their money; also leftover months after someone quits early, and gadgets that died inside the warranty
shipping - parcels that are late, lost or not sent yet; also things delivered smashed, the wrong article in the parcel, a new street to deliver to
account - passwords, profile data, break-ins; also users blocked for unpaid bills, a login page that errors, moving to another plan
technical - crashing apps, sync, wifi; also tracking links that are dead and help with setting things up
cancellation - ending contracts, notice, newsletters; also people who still pay although they cancelled, orders to be stopped before dispatch, wiping an account
sales - features, stock, bulk offers; also what delivery costs, trial months running out, vouchers that are refused"""
_RULES = """- a refund that still has not arrived: billing
- something came broken or smashed: shipping
- the wrong article was in the box: shipping
- account blocked because of an unpaid bill: account
- the login page shows an error: account
- charged again although the plan was cancelled: cancellation
- what delivery abroad costs: sales
- switching to a bigger or smaller plan: account
- the checkout or payment page fails: billing
- stopping an order before it ships: cancellation
- getting the unused months back after quitting early: refund
- the free trial is ending: sales
- deleting an account or personal data: cancellation
- a device that stopped working within the warranty: refund
- a new delivery address: shipping
- a voucher or discount code that is not accepted: sales
- the tracking link is dead: technical
- storing a new card or new bank details: billing
- help to install or set up something: technical"""
HAND: dict[str, str] = {
    "hand_rules": f"You are a support agent. Classify the ticket.\nLabels: {_LIST}.\nRules:\n{_RULES}\nAnswer with the label only.",
    "hand_weak_a": f"You are a helpful assistant of an online shop. Read the customer's message and say what it is about. The labels are: {_LIST}.",
    "hand_weak_b": f"You are a friendly support assistant. Classify the ticket into one of these categories: {_LIST}.",
    "hand_label_only": f"Figure out the right bucket for the mail you get. Buckets: {_LIST}. I just want the bucket name back, no chatter.",
    "hand_good": f"You sort mail for a web shop. Possible labels: {_LIST}.\n\n{_GUIDE}\n\nPlease respond with nothing except the label.",
    "hand_good_markdown": f"# Task\nSort the mail of a web shop.\n\n# Labels\n{_LIST}\n\n# Guide\n"
    + "\n".join(f"- **{line.split(' - ')[0]}**: {line.split(' - ')[1]}" for line in _GUIDE.splitlines()[1:])
    + "\n\n# Output\nOnly the label, nothing more.",
    "hand_harmful": f"Sort the mail. Labels: {_LIST}. Only the label please. Walk me through how you got there and be nice to the customer.",
}


def policy_prompt(speaker: Speaker, with_policy: bool = True) -> str:
    """Node 2: task, policy in a drawn layout, JSON keys."""
    ask = speaker.say(policy.ASK_JSON).replace("<q>", "queue").replace("<d>", "days")
    rows = f"{policy.policy_text(speaker, dict(POLICY))}\n" if with_policy else ""
    return f"{fill(speaker, speaker.say(policy.ROUTE_TASK))}\n{rows}{ask}"


class Model:
    """Batched generation with plain transformers."""

    def __init__(self, folder: Path) -> None:
        self.tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(folder, padding_side="left")
        self.network: PreTrainedModel = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()

    @torch.inference_mode()
    def answers(
        self, chats: Sequence[Messages], temperature: float = 0.0, new_tokens: int = 24, batch: int = 25
    ) -> list[str]:
        """One answer per chat, in order."""
        texts = []
        for start in range(0, len(chats), batch):
            inputs = self.tokenizer.apply_chat_template(
                list(chats[start : start + batch]),
                add_generation_prompt=True,
                return_tensors="pt",
                return_dict=True,
                padding=True,
            )
            sampling = {"do_sample": True, "temperature": temperature} if temperature else {"do_sample": False}
            out = self.network.generate(**inputs, max_new_tokens=new_tokens, **sampling)
            texts += self.tokenizer.batch_decode(out[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
        return texts


def drawn(build: Builder, speaker: Speaker) -> str:
    """A prompt of a row. Layouts with too few wordings to have a held-out half are passed over."""
    for _ in range(50):
        try:
            return build(speaker)
        except LookupError:
            continue
    raise LookupError("no prompt of this row has held-out wordings")


def chats_for(build: Builder, tickets: Sequence[Ticket], seed: int) -> list[Messages]:
    """A chat per ticket; PER_PROMPT neighbours share a prompt."""
    speaker = Speaker(Random(seed), held_out=True)
    chats = []
    prompt = ""
    for number, one in enumerate(tickets):
        if number % PER_PROMPT == 0:
            prompt = drawn(build, speaker)
        chats.append([{"role": "system", "content": prompt}, {"role": "user", "content": one.text}])
    return chats


def score_labels(row: str, tickets: Sequence[Ticket], texts: Sequence[str]) -> Result:
    """Exact match against the company's label."""
    right = [text.strip() == label_of(one.topic) for one, text in zip(tickets, texts, strict=True)]
    vague = [one.topic.name in CONVENTION for one in tickets]
    valid = sum(text.strip() in LABELS for text in texts) / len(texts)
    share = {
        flag: sum(r for r, v in zip(right, vague, strict=True) if v is flag) / max(1, vague.count(flag))
        for flag in (True, False)
    }
    return Result(row, len(texts), valid, sum(right) / len(right), share[False], share[True])


def score_routes(row: str, labels: Sequence[str], texts: Sequence[str]) -> Result:
    """Queue and days as in the policy, parsed as JSON."""
    parsed = []
    for text in texts:
        try:
            parsed.append(json.loads(text))
        except json.JSONDecodeError:
            parsed.append(None)
    valid = sum(isinstance(p, dict) and {"queue", "days"} <= set(p) for p in parsed) / len(texts)
    right = sum(p == POLICY[label]._asdict() for p, label in zip(parsed, labels, strict=True)) / len(texts)
    return Result(row, len(texts), valid, right, right, right)


def measure(model: Model, rows: Sequence[str], n: int, seed: int) -> list[Result]:
    """All rows on the same tickets."""
    tickets = [one for _, one in draw_tickets(seed, n)]
    results = []
    for row in rows:
        if row.startswith("route"):
            speaker = Speaker(Random(seed), held_out=True)
            prompts = [
                drawn(lambda s, row=row: policy_prompt(s, row == "route_with_policy"), speaker)
                for _ in range(n // PER_PROMPT + 1)
            ]
            chats = [
                [
                    {"role": "system", "content": prompts[i // PER_PROMPT]},
                    {"role": "user", "content": f"Label: {label_of(one.topic)}"},
                ]
                for i, one in enumerate(tickets)
            ]
            results.append(
                score_routes(row, [label_of(one.topic) for one in tickets], model.answers(chats, new_tokens=32))
            )
        else:
            name, _, temperature = row.partition("@")
            build = ROWS[name] if name in ROWS else lambda _, name=name: HAND[name]
            texts = model.answers(chats_for(build, tickets, seed), float(temperature or 0))
            results.append(score_labels(row, tickets, texts))
        show(results[-1])
    return results


def show(result: Result) -> None:
    """A line of the Markdown table."""
    print(
        f"| {result.row} | {result.n} | {result.valid:.2f} | {result.accuracy:.3f} | {result.clear:.2f} | {result.ambiguous:.2f} |",
        flush=True,
    )


ALL = [
    *ROWS,
    "list_label_only@0.2",
    "list_label_only@1.0",
    "list@0.2",
    "list@1.0",
    "all_help@1.0",
    *HAND,
    "route_with_policy",
    "route_without_policy",
]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=EMBEDDED)
    parser.add_argument("--rows", nargs="+", default=ALL, help=f"of: {' '.join(ALL)}; `row@temperature` samples")
    parser.add_argument("--n", type=int, default=500)
    parser.add_argument("--seed", type=int, default=2001)
    parser.add_argument("--json", type=Path, help="also write the rows here")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    print("| prompt | n | valid | accuracy | clear topics | ambiguous topics |\n|---|---|---|---|---|---|")
    results = measure(Model(arguments.model), arguments.rows, arguments.n, arguments.seed)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(result) for result in results], indent=1) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
