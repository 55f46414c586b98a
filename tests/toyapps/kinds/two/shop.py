"""The other app: it does not name its labels."""

from topics import graph_of

SORT = "What is this note about?"
graph = graph_of(SORT)
