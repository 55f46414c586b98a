"""The nouns: frozen data, one line of meaning and unit per field. They know no behaviour and no library.

Mappings in these types are read-only by agreement: whoever receives one does not change it.
"""

from harness.types.base import (
    Direction,
    FaultKind,
    Json,
    Proof,
    TemplateKind,
    Verdict,
)
from harness.types.found import (
    Discovery,
    ModelUse,
    Node,
    Parts,
    Prompt,
    Span,
    Variable,
    text_of,
)
from harness.types.measured import (
    Call,
    Fault,
    Job,
    Run,
    Score,
    Spend,
    Summary,
)
from harness.types.profile import (
    Classes,
    ClassRow,
    ErrorCount,
    Latency,
    Profile,
)
from harness.types.told import (
    FailurePattern,
    NodeCost,
    Outcome,
    Result,
    Target,
)
from harness.types.tried import (
    Brief,
    Change,
    Comparison,
    Decision,
    Guard,
    Observation,
    Proposal,
    Technique,
    Trial,
)
from harness.types.wanted import (
    Budget,
    Case,
    Goal,
    Goals,
    Measure,
    Settings,
)

__all__ = [
    "Brief",
    "Budget",
    "Call",
    "Case",
    "Change",
    "ClassRow",
    "Classes",
    "Comparison",
    "Decision",
    "Direction",
    "Discovery",
    "ErrorCount",
    "FailurePattern",
    "Fault",
    "FaultKind",
    "Goal",
    "Goals",
    "Guard",
    "Job",
    "Json",
    "Latency",
    "Measure",
    "ModelUse",
    "Node",
    "NodeCost",
    "Observation",
    "Outcome",
    "Parts",
    "Profile",
    "Prompt",
    "Proof",
    "Proposal",
    "Result",
    "Run",
    "Score",
    "Settings",
    "Span",
    "Spend",
    "Summary",
    "Target",
    "Technique",
    "TemplateKind",
    "Trial",
    "Variable",
    "Verdict",
    "text_of",
]
