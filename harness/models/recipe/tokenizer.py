"""Byte-level BPE trained on our own text, so that any text encodes, with three twists that make look-ups easy.

1. A word is the same token wherever it stands: a space is put before each word that follows a line break, a bracket, a
   quote or markup, so `- "billing"`, `billing:` and `(billing)` all hold the token ` billing`. The decoder takes these
   spaces out again (after a quote, and at the start of a text), so answers read as they should.
2. Digits are single tokens without a space, so that numbers can be copied digit by digit.
3. The chat template puts one space before every content, for the same reason; the decoder strips it.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from harness.models.recipe.mixture import draw
from harness.models.recipe.speech import Speaker

PAD, BOS, END, SYSTEM, USER, ASSISTANT = "<|pad|>", "<|bos|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>"
SPECIAL = (PAD, BOS, END, SYSTEM, USER, ASSISTANT)  # ids 0-5
MARK = {"system": SYSTEM, "user": USER, "assistant": ASSISTANT}
VOCABULARY = 2560
BEFORE_WORDS = '\n"([{<>|=/`*#:'  # characters after which a word gets a space of its own
SPLIT = r" ?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
CHAT_TEMPLATE = (
    "{{ '<|bos|>' }}{% for message in messages %}"
    "{% if message['role'] not in ['system', 'user', 'assistant'] %}"
    "{{ raise_exception('roles are system, user and assistant, not ' ~ message['role']) }}{% endif %}"
    "{{ '<|' ~ message['role'] ~ '|> ' ~ message['content'] | trim ~ '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def train_tokenizer(seed: int = 1, episodes: int = 12_000) -> Tokenizer:
    """Train the vocabulary on generated episodes: half a minute."""
    tokenizer = Tokenizer(models.BPE())
    spaced = [normalizers.Replace(Regex(re.escape(mark) + r"(?=\p{L})"), mark + " ") for mark in BEFORE_WORDS]
    quoted = normalizers.Replace(Regex(r"(?<=\P{L})'(?=\p{L})"), "' ")
    tokenizer.normalizer = normalizers.Sequence([*spaced, quoted])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.Sequence(
        [
            decoders.ByteLevel(),
            decoders.Strip(" ", 1, 0),
            decoders.Replace(Regex(r'(?<=") (?=\p{L})'), ""),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=list(SPECIAL),
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(_texts(seed, episodes), trainer)
    return tokenizer


def _texts(seed: int, episodes: int) -> Iterator[str]:
    speaker = Speaker(Random(seed))
    for _ in range(episodes):
        yield from (" " + turn.text for turn in draw(speaker).turns)


def save_tokenizer(tokenizer: Tokenizer, folder: Path) -> None:
    """Write tokenizer.json, tokenizer_config.json and chat_template.jinja as AutoTokenizer reads them."""
    fast = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        bos_token=BOS,
        eos_token=END,
        pad_token=PAD,
        padding_side="left",
        clean_up_tokenization_spaces=False,
        model_max_length=2048,
        additional_special_tokens=[SYSTEM, USER, ASSISTANT],
    )
    fast.chat_template = CHAT_TEMPLATE
    fast.save_pretrained(folder)
