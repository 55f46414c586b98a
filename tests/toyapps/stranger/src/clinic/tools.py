"""What the desk can do."""

from langchain_core.tools import tool


@tool
def book(desk: str) -> str:
    """Book a slot at a desk."""
    return f"booked at {desk}"


@tool
def refer(desk: str) -> str:
    """Refer a patient to a desk that books itself."""
    return f"referred to {desk}"


TOOLS = [book, refer]
