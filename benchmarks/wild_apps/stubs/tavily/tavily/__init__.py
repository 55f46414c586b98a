"""Stands in for the client of a search service that cannot be sent elsewhere: asks the page at $SEARCH_URL."""

import os
from typing import Any

import httpx


class AsyncTavilyClient:
    """Knows the one call that apps make."""

    async def search(self, query: str, **options: Any) -> Any:
        """What the service finds for a query."""
        async with httpx.AsyncClient() as client:
            answer = await client.post(os.environ["SEARCH_URL"], json={"query": query})
            return answer.raise_for_status().json()
