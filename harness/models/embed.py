"""Vectors of texts by the embedded model: the mean of its token vectors, less the mean of all of them.

Coarse, local and free: it knows which words of its small vocabulary lie near each other, not word order.
"""

from __future__ import annotations

import math
from pathlib import Path

from langchain_core.embeddings import Embeddings
from safetensors.torch import load_file

from harness.models.template import ChatFormat

_FOLDER = Path(__file__).with_name("embedded")


class EmbeddedEmbeddings(Embeddings):
    """LangChain's embeddings over the token vectors of one model folder."""

    def __init__(self, folder: Path = _FOLDER) -> None:
        table = load_file(folder / "model.safetensors")["model.embed_tokens.weight"].double()
        self._vectors = table - table.mean(dim=0)  # [V, H]
        self._format = ChatFormat(folder)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector of length 1 for each text; zeros for one without a token."""
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        """The vector of one text."""
        ids = self._format.encode(text)
        if not ids:
            return [0.0] * int(self._vectors.shape[1])
        mean: list[float] = self._vectors[list(ids)].mean(dim=0).tolist()
        length = math.sqrt(math.fsum(x * x for x in mean))
        return [x / length for x in mean] if length else mean
