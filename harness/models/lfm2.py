"""The forward pass of the Lfm2 architecture for inference on a CPU: packed rows, per-position state, nothing else.

transformers spends more time per step in its generic machinery than a model of three million parameters spends in
arithmetic, and its import costs seconds. This module reads the same folder and computes the same logits (a test holds
it to that). It knows nothing of requests, text, sampling or prefix sharing.

N = packed new tokens, R = rows, H = hidden size, T = positions; row, slot and packed are explained in steps.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from safetensors.torch import load_file
from torch import Tensor

from harness.models.bottlenecks import Bottleneck
from harness.models.shape import Shape, read_shape
from harness.models.slots import Slots, StateShape
from harness.models.steps import Masks, Step


@dataclass(frozen=True)
class _Attention:
    qkv: Tensor  # [H, (heads + 2 kv_heads) head_dim]
    out: Tensor  # [heads head_dim, H]
    head_norm: Tensor  # [heads + kv_heads, head_dim]: the query norm for query heads, the key norm for key heads


@dataclass(frozen=True)
class _Convolution:
    enter: Tensor  # [H, 3H]
    enter_bias: Tensor | None
    taps: Tensor  # [K, H], oldest position first
    taps_bias: Tensor | None
    out: Tensor  # [H, H]
    out_bias: Tensor | None


@dataclass(frozen=True)
class _Layer:
    mixer: _Attention | _Convolution
    place: int  # index among the layers of its kind
    norm: Tensor  # [H]
    ffn_norm: Tensor  # [H]
    gate_up: Tensor  # [H, 2 ff]
    down: Tensor  # [ff, H]


class Lfm2:
    """Weights in float32 and the arithmetic over them. Immutable after loading, so threads may share it."""

    def __init__(
        self, shape: Shape, weights: Mapping[str, Tensor], bottlenecks: Sequence[Bottleneck | None] = ()
    ) -> None:
        """``bottlenecks`` is one for each layer, or empty."""
        self.shape = shape
        self._after = tuple(bottlenecks) or (None,) * len(shape.layer_types)
        self._embedding = weights["model.embed_tokens.weight"]
        self._head = _across(weights.get("lm_head.weight", self._embedding))  # [H, V]
        self._norm = weights["model.embedding_norm.weight"]
        half = torch.arange(0, shape.head_dim, 2, dtype=torch.float32) / shape.head_dim
        self._frequencies = 1.0 / shape.theta**half  # [head_dim / 2] radians per position
        counts = {kind: 0 for kind in ("conv", "full_attention")}
        self._layers = []
        for index, kind in enumerate(shape.layer_types):
            self._layers.append(_layer(shape, weights, index, counts[kind]))
            counts[kind] += 1
        kernel = max((len(m.taps) for layer in self._layers if isinstance(m := layer.mixer, _Convolution)), default=1)
        self.state = StateShape(
            attention=counts["full_attention"],
            kv_heads=shape.kv_heads,
            head_dim=shape.head_dim,
            convolutions=counts["conv"],
            hidden=self._embedding.shape[1],
            history=kernel - 1,
        )

    @classmethod
    def load(cls, folder: Path) -> Lfm2:
        """Read config.json and model.safetensors. Raises ValueError for an architecture that this module is not."""
        return cls(read_shape(folder), read_weights(folder))

    @torch.inference_mode()
    def forward(self, step: Step, slots: Slots) -> Tensor:
        """Logits [R, vocabulary] of each row's next token; the state of the fed tokens is written into ``slots``."""
        x = self._embedding[step.ids]  # [N, H]
        rotation = self._rotation(step.positions)
        masks = Masks(step, self.shape.heads // self.shape.kv_heads)
        places = step.slots * slots.conv.shape[2] + step.positions
        for layer, after in zip(self._layers, self._after, strict=True):
            h = self._rms(x, layer.norm)
            if isinstance(layer.mixer, _Attention):
                x = x + self._attend(layer.mixer, h, slots.kv[layer.place], step, masks, rotation)
            else:
                x = x + _convolve(layer.mixer, h, slots.conv[layer.place].flatten(0, 1), places)
            gate, up = (self._rms(x, layer.ffn_norm) @ layer.gate_up).chunk(2, -1)
            x = x + F.silu(gate).mul_(up) @ layer.down
            x = x if after is None else after.after(x)
        return self._rms(x[step.last], self._norm) @ self._head

    def _rms(self, x: Tensor, weight: Tensor) -> Tensor:
        return F.rms_norm(x, weight.shape, weight, self.shape.eps)

    def _rotation(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """Cosine and sine, each [N, 1, head_dim / 2]."""
        angles = positions[:, None, None].float() * self._frequencies
        return angles.cos(), angles.sin()

    def _attend(
        self, w: _Attention, h: Tensor, kv: Tensor, step: Step, masks: Masks, rotation: tuple[Tensor, Tensor]
    ) -> Tensor:
        """``kv`` is this layer's state [slots, T, 2, kv_heads, head_dim]; the result is [N, H]."""
        shape = self.shape
        heads = (h @ w.qkv).view(len(h), -1, shape.head_dim)
        rotated = heads[:, : shape.heads + shape.kv_heads]
        rotated = _rotate(F.rms_norm(rotated, (shape.head_dim,), None, shape.eps) * w.head_norm, rotation)
        queries, keys = rotated[:, : shape.heads], rotated[:, shape.heads :]
        kv[step.slots, step.positions] = torch.stack((keys, heads[:, shape.heads + shape.kv_heads :]), 1)
        queries = queries.reshape(len(h), shape.kv_heads, -1, shape.head_dim)  # [N, kv_heads, group, head_dim]
        mixed = torch.empty_like(queries)
        if step.singles:
            # One product over the whole range of slots: picking the busy ones would copy their state in every layer.
            seen = kv[: masks.rows, : masks.reach]
            padded = queries.new_zeros(masks.rows, *queries.shape[1:])
            padded[masks.single_slots] = queries[: step.singles]
            answer = F.scaled_dot_product_attention(padded, *_keys_values(seen), attn_mask=masks.single)
            mixed[: step.singles] = answer[masks.single_slots]
        for span, mask in zip(step.spans, masks.spans, strict=True):
            own = slice(span.first, span.first + span.count)
            seen = kv[span.slot : span.slot + 1, : span.start + span.count]
            mixed[own] = _attend_span(queries[own], seen, mask)
        return mixed.flatten(1) @ w.out


def _attend_span(queries: Tensor, seen: Tensor, mask: Tensor) -> Tensor:
    """``queries`` [count, kv_heads, group, head_dim] of one row over ``seen`` [1, T, 2, kv_heads, head_dim]."""
    count, kv_heads, group, head_dim = queries.shape
    # The heads that share a key head are laid along the query axis: no copy of keys per query head.
    folded = queries.permute(1, 2, 0, 3).flatten(1, 2)[None]  # [1, kv_heads, group count, head_dim]
    answer = F.scaled_dot_product_attention(folded, *_keys_values(seen), attn_mask=mask)
    return answer.view(kv_heads, group, count, head_dim).permute(2, 0, 1, 3)


def _keys_values(seen: Tensor) -> tuple[Tensor, Tensor]:
    """[B, T, 2, kv_heads, head_dim] -> two of [B, kv_heads, T, head_dim]."""
    keys, values = seen.transpose(1, 3).unbind(2)
    return keys, values


def _rotate(x: Tensor, rotation: tuple[Tensor, Tensor]) -> Tensor:
    cos, sin = rotation
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


def _convolve(w: _Convolution, h: Tensor, history: Tensor, places: Tensor) -> Tensor:
    """``history`` is this layer's state [slots (K - 1 + T), H], zero before position 0; the result is [N, H].

    ``places`` [N] says where each token's oldest tap lies in it.
    """
    before, after, value = _affine(h, w.enter, w.enter_bias).chunk(3, -1)
    newest = before * value
    history[places + (len(w.taps) - 1)] = newest
    mixed = w.taps[-1] * newest
    for back, tap in enumerate(w.taps[:-1]):
        mixed.addcmul_(tap, history.index_select(0, places + back))
    if w.taps_bias is not None:
        mixed += w.taps_bias
    return _affine(after * mixed, w.out, w.out_bias)


def _affine(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    return x @ weight if bias is None else torch.addmm(bias, x, weight)


def _across(weight: Tensor) -> Tensor:
    """A checkpoint's [out, in] as [in, out]: measured 1.1 to 2 times faster for few rows."""
    return weight.T.contiguous()


def _layer(shape: Shape, weights: Mapping[str, Tensor], index: int, place: int) -> _Layer:
    own = _under(weights, f"model.layers.{index}.")
    ffn = _under(own, "feed_forward.")
    mixer: _Attention | _Convolution
    if shape.layer_types[index] == "conv":
        mixer = _convolution(_under(own, "conv."))
    else:
        mixer = _attention(shape, _under(own, "self_attn."))
    gate_up = _across(torch.cat((ffn["w1.weight"], ffn["w3.weight"])))
    norms = own["operator_norm.weight"], own["ffn_norm.weight"]
    return _Layer(mixer, place, *norms, gate_up, _across(ffn["w2.weight"]))


def _attention(shape: Shape, own: Mapping[str, Tensor]) -> _Attention:
    qkv = _across(torch.cat([own[f"{name}_proj.weight"] for name in "qkv"]))
    query_norm = own["q_layernorm.weight"].expand(shape.heads, -1)
    key_norm = own["k_layernorm.weight"].expand(shape.kv_heads, -1)
    return _Attention(qkv, _across(own["out_proj.weight"]), torch.cat((query_norm, key_norm)))


def _convolution(own: Mapping[str, Tensor]) -> _Convolution:
    return _Convolution(
        enter=_across(own["in_proj.weight"]),
        enter_bias=own.get("in_proj.bias"),
        taps=_across(own["conv.weight"][:, 0]),
        taps_bias=own.get("conv.bias"),
        out=_across(own["out_proj.weight"]),
        out_bias=own.get("out_proj.bias"),
    )


def _under(weights: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in weights.items() if name.startswith(prefix)}


def read_weights(folder: Path) -> dict[str, Tensor]:
    """The weights of a folder in float32, by name."""
    return {name: tensor.float() for name, tensor in load_file(folder / "model.safetensors").items()}
