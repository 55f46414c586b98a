"""The network: a plain transformers `Lfm2ForCausalLM`, with a faster short convolution while it trains."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from transformers import Lfm2Config, Lfm2ForCausalLM
from transformers.models.lfm2.modeling_lfm2 import Lfm2Attention, Lfm2ShortConv

from harness.models.recipe.batches import Batch

LAYERS = ("conv", "full_attention") * 3


def build(vocabulary: int) -> Lfm2ForCausalLM:
    """A fresh model of 2.6M parameters; special token ids as in `tokenizer.SPECIAL`."""
    config = Lfm2Config(
        vocab_size=vocabulary,
        hidden_size=192,
        intermediate_size=384,
        block_auto_adjust_ff_dim=False,
        num_hidden_layers=len(LAYERS),
        layer_types=list(LAYERS),
        num_attention_heads=6,
        num_key_value_heads=3,
        conv_L_cache=3,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        rope_parameters={"rope_type": "default", "rope_theta": 10_000.0},
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
    )
    model = Lfm2ForCausalLM(config)
    initialise(model)
    return model


OFFSET = 8  # first dimensions of every embedding: equal for all tokens, so that gates have something constant to read


@torch.no_grad()
def initialise(model: Lfm2ForCausalLM) -> None:
    """Let each position see its neighbours from the first step.

    At the library's default (deviation .02 everywhere) a short convolution multiplies three tiny numbers and passes
    nothing on: no look-up had formed after 3.5M tokens. Here its two gates begin open (they read the constant part of
    the embeddings) and its taps begin large. Everything else keeps the default, which learns features fastest.
    """
    embedding = model.model.embed_tokens.weight
    embedding.normal_(0.0, 0.1)
    embedding[:, :OFFSET] = 0.2
    embedding[0] = 0.0  # padding
    for module in model.modules():
        if isinstance(module, Lfm2ShortConv):
            hidden = module.out_proj.weight.shape[0]
            module.in_proj.weight[: 2 * hidden, :OFFSET] = 0.066  # both gates about 1
            module.in_proj.weight[2 * hidden :].normal_(0.0, hidden**-0.5)
            module.conv.weight.normal_(0.0, 0.5)
        elif isinstance(module, Lfm2Attention):
            module.q_layernorm.weight.fill_(1.5)
            module.k_layernorm.weight.fill_(1.5)


def _shift_and_multiply(self: Lfm2ShortConv, hidden_states: Tensor, *_: Any, **__: Any) -> Tensor:
    """`Lfm2ShortConv.forward` without cache and padding mask: three shifted products beat a grouped Conv1d on a CPU."""
    gate_in, gate_out, x = self.in_proj(hidden_states).chunk(3, dim=-1)
    weight = self.conv.weight.squeeze(1)  # (hidden, taps)
    taps, length = weight.shape[-1], hidden_states.shape[1]
    padded = functional.pad(gate_in * x, (0, 0, taps - 1, 0))
    mixed = sum((padded[:, tap : tap + length] * weight[:, tap] for tap in range(taps)), torch.zeros(()))
    return self.out_proj(gate_out * mixed)  # type: ignore[no-any-return]


def speed_up_training(model: Lfm2ForCausalLM) -> None:
    """Swap the convolutions of this instance (no cache, right-padded rows: for training only)."""
    for module in model.modules():
        if isinstance(module, Lfm2ShortConv):
            module.forward = _shift_and_multiply.__get__(module)


def loss_of(model: Lfm2ForCausalLM, batch: Batch) -> tuple[Tensor, Tensor]:
    """Weighted mean cross-entropy over the targets, and which targets an argmax would hit (bool, one per target)."""
    hidden = model.model(input_ids=batch.ids[:, :-1], use_cache=False).last_hidden_state
    logits = model.lm_head(hidden[batch.rows, batch.columns - 1])
    wanted = batch.ids[batch.rows, batch.columns]
    losses = functional.cross_entropy(logits, wanted, reduction="none")
    return (losses * batch.weights).sum() / batch.weights.sum(), logits.argmax(-1) == wanted
