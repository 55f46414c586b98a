"""Words that the nouns share."""

from typing import Any, Literal

Json = Any  # what json.dumps takes: None, bool, int, float, str, list, dict
Direction = Literal["higher", "lower"]
Proof = Literal["proved", "likely", "unresolved"]
TemplateKind = Literal["plain", "format", "fstring", "jinja", "mustache", "dollar", "percent"]
FileTemplate = Literal["plain", "format", "jinja", "mustache", "dollar", "percent"]  # of a whole text file
FaultKind = Literal["app", "timeout", "exit", "recursion", "infrastructure"]
Verdict = Literal["keep", "reject", "no verdict"]
EdgeKind = Literal["plain", "conditional", "goto", "send", "calls"]  # goto: by a Command; calls: of a task
AsideKind = Literal["condition", "tool"]
SteerKind = Literal["tool", "argument", "form", "field"]
