"""What models fill in."""

from typing import Literal

from pydantic import BaseModel, Field


class Desk(BaseModel):
    """Where a message goes."""

    reason: str = Field(description="One sentence")
    desk: str = Field(description="The desk, by its short name")


class Urgency(BaseModel):
    """How long a message can wait."""

    level: Literal["today", "later"]
