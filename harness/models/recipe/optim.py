"""Muon for the matrices of the blocks: momentum whose singular values are pushed to 1 before each step."""

from collections.abc import Iterable, Sequence

import torch
import torch.distributed as dist
from torch import Tensor, nn


def orthogonalised(stack: Tensor, steps: int = 5) -> Tensor:
    """Newton-Schulz iteration on a stack of matrices (n, rows, columns): singular values -> about 1."""
    tall = stack.shape[-2] > stack.shape[-1]
    x = stack.mT if tall else stack
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    result: Tensor = x.mT if tall else x
    return result


class Muon:
    """Steps for matrices, grouped by shape so that one batched product serves many layers."""

    def __init__(self, matrices: Iterable[nn.Parameter], momentum: float = 0.95, decay: float = 0.1) -> None:
        self.momentum, self.decay = momentum, decay
        self.groups: dict[tuple[int, ...], list[nn.Parameter]] = {}
        for matrix in matrices:
            self.groups.setdefault(tuple(matrix.shape), []).append(matrix)
        self.buffers = {shape: torch.zeros(len(group), *shape) for shape, group in self.groups.items()}

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """One update; `rate` is the length of a step relative to an orthogonal matrix."""
        for shape, group in self.groups.items():
            gradients = torch.stack([_gradient(matrix) for matrix in group])
            buffer = self.buffers[shape].lerp_(gradients, 1 - self.momentum)
            update = self._shared(gradients.lerp(buffer, self.momentum)) * max(1.0, shape[0] / shape[1]) ** 0.5
            for matrix, change in zip(group, update, strict=True):
                matrix.mul_(1 - rate * self.decay).sub_(change, alpha=rate)

    @staticmethod
    def _shared(stack: Tensor) -> Tensor:
        """`orthogonalised`, each process doing its share of the stack."""
        rank, world = dist.get_rank(), dist.get_world_size()
        update = torch.zeros_like(stack)
        update[rank::world] = orthogonalised(stack[rank::world])
        dist.all_reduce(update)
        return update


def _gradient(matrix: nn.Parameter) -> Tensor:
    return matrix.grad if matrix.grad is not None else torch.zeros_like(matrix)


def split_parameters(model: nn.Module) -> tuple[Sequence[nn.Parameter], Sequence[nn.Parameter]]:
    """(matrices of the blocks, everything else: embeddings, norms, convolutions)."""
    named = list(model.named_parameters())
    matrices = [p for name, p in named if p.ndim == 2 and "embed" not in name and "lm_head" not in name]
    chosen = {id(p) for p in matrices}
    return matrices, [p for _, p in named if id(p) not in chosen]
