"""Embeddings by name: of the embedded model, or of a provider by LangChain. Loaded where a metric asks for them."""

from __future__ import annotations

from typing import Any

from harness.errors import UserError, boundary

_WHERE = "[tool.harness.metrics]"


def embeddings(name: str) -> Any:
    """LangChain's embeddings of "PROVIDER:MODEL", or of "embedded".

    Raises UserError with what to install where a package is missing, PluginError with the words of the package else.
    """
    with boundary(f"the embeddings {name}", where=_WHERE):
        try:
            if name == "embedded":
                from harness.models.embed import EmbeddedEmbeddings  # loads torch

                return EmbeddedEmbeddings()
            from langchain.embeddings import init_embeddings  # an extra: only who names a model needs it

            return init_embeddings(name)
        except ImportError as error:
            provider = name.partition(":")[0]
            package = "'langgraph-harness[local]'" if name == "embedded" else f"langchain langchain-{provider}"
            raise UserError(
                f"{name} needs a package that is not here: {error}", where=_WHERE, fix=f"pip install {package}"
            ) from error
