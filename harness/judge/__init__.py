"""A language model as judge: a metric that reads replies by a rubric of the user's.

Pointwise (yes or no, or a scale), pairwise with both orders, or claim by claim. The judge sees what it judges as data
between fences, says one verdict that is read tolerantly, and a reply without one leaves the run unscored. Which calls
are on record, what they cost and whether more may be made is the affair of the ``protocols.Desk`` that it is served.
"""

from harness.judge.labels import Label, labelled
from harness.judge.metric import Judge, judges
from harness.judge.rubric import FAITHFULNESS, Rubric, from_file
from harness.judge.telling import pointwise

__all__ = ["FAITHFULNESS", "Judge", "Label", "Rubric", "from_file", "judges", "labelled", "pointwise"]
