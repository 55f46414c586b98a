"""One of two apps in this repo: it names its labels and gets everything right."""

from topics import graph_of

SORT = "Sort this note. Possible labels: garden, kitchen, garage."
graph = graph_of(SORT)
