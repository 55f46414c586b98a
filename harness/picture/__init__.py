"""A discovery as a picture of its graphs: SVG drawn by hand, or Mermaid text. Pure; knows no repository."""

from harness.picture.drawing import draw
from harness.picture.mermaid import mermaid

__all__ = ["draw", "mermaid"]
