"""Apps with more than one copy of a prompt, of which one reaches the model: which one is said by each trap.

``DEAD`` and ``LIVE`` stand for the two texts, so that both can be made the same: then nothing but where it lies tells
the dead copy from the live one.
"""

# ruff: noqa: E501 - one app a line reads best
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

DEAD = "Sort the letter into invoices and all the rest."
LIVE = "Sort the ticket into billing or other."
MODEL = '''\
"""A chat model that knows one word."""
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult


class ChatEcho(BaseChatModel):
    _llm_type = "echo"

    def _generate(self, messages, stop=None, run_manager=None, **kwargs):
        return ChatResult(generations=[ChatGeneration(message=AIMessage("ok"))])


llm = ChatEcho()
'''
HEAD = """\
import os
from pathlib import Path
from typing import TypedDict
from echo import llm
from langchain_core.messages import HumanMessage, SystemMessage
from langchain_core.prompts import ChatPromptTemplate, PromptTemplate
from langgraph.graph import END, START, StateGraph

HERE = Path(__file__).parent

class State(TypedDict):
    ticket: str
    said: str
"""
TAIL = """
builder = StateGraph(State)
builder.add_node("work", work)
builder.add_edge(START, "work")
builder.add_edge("work", END)
graph = builder.compile()
"""
ASK = """
def work(state):
    return {"said": llm.invoke([("system", P), ("user", state["ticket"])]).content}
"""


@dataclass(frozen=True)
class Trap:
    """One app. ``live`` are the ids of the texts that really reach the model and can be edited where they stand."""

    body: str
    live: tuple[str, ...]  # () = the text that wins cannot be edited, or is not followed by the static reading
    files: Mapping[str, str] = field(default_factory=dict)
    tail: str = TAIL

    def sources(self, dead: str = DEAD, live: str = LIVE) -> dict[str, str]:
        """The files of the app with these two texts."""
        named = {"echo.py": MODEL, "app.py": f"{HEAD}{self.body}\n{self.tail}", **self.files}
        return {name: text.replace("DEAD", dead).replace("LIVE", live) for name, text in named.items()}


def trap(body: str, *live: str, tail: str = TAIL, ask: str = ASK, **files: str) -> Trap:
    """``prompts_py`` names the file prompts.py, ``a__b_py`` a/b.py; a name with a dot is one already."""
    named = {k if "." in k else k.replace("__", "/").replace("_", "."): v for k, v in files.items()}
    return Trap(body + ask, live, named, tail)


def own(body: str, *live: str, tail: str = TAIL, **files: str) -> Trap:
    """A trap whose body has the node, too."""
    return trap(body, *live, tail=tail, ask="", **files)


_STORE = """
from langgraph.store.memory import InMemoryStore
def work(state, *, store):
    item = store.get(("prompts",), "sort")
    text = item.value["text"] if item else DEFAULT
    return {"said": llm.invoke([("system", text), ("user", state["ticket"])]).content}
"""
_STORED = TAIL.replace("compile()", "compile(store=store)")

# fmt: off
TRAPS: dict[str, Trap] = {
    # ---- a file, the environment or a store wins over the constant ----
    "dead fallback of a file": trap(
        'try:\n    P = (HERE / "sort.md").read_text()\nexcept OSError:\n    P = "DEAD"', "sort.md", sort_md="LIVE\n"
    ),
    "fallback that is used": trap('try:\n    P = (HERE / "sort.md").read_text()\nexcept OSError:\n    P = "LIVE"', "app.py:P"),
    "file if it exists": trap(
        'F = HERE / "sort.md"\nP = F.read_text() if F.exists() else "DEAD"', "sort.md", sort_md="LIVE\n"
    ),
    "file beside a copy in Python": trap(
        'from prompts import SORT\nP = (HERE / "sort.md").read_text() or SORT',
        "sort.md", prompts_py='SORT = "DEAD"\n', sort_md="LIVE\n",
    ),
    "environment wins": trap('import env\nP = os.environ.get("SORT_PROMPT", "DEAD")', env_py='import os\nos.environ["SORT_PROMPT"] = "LIVE"\n'),
    "environment is silent": trap('P = os.environ.get("SORT_PROMPT_OF_NOBODY", "LIVE")', "app.py:module:2nd literal"),
    "environment or constant": trap(
        'import env\nP = os.getenv("SORT_PROMPT") or "DEAD"', env_py='import os\nos.environ["SORT_PROMPT"] = "LIVE"\n'
    ),
    "store wins": own(
        'DEFAULT = "DEAD"' + _STORE + 'import json\nstore = InMemoryStore()\nstore.put(("prompts",), "sort", json.loads((HERE / "seed.json").read_text()))',
        tail=_STORED, seed_json='{"text": "LIVE"}\n',
    ),
    "store is empty": own('DEFAULT = "LIVE"' + _STORE + "store = InMemoryStore()", "app.py:DEFAULT", tail=_STORED),
    "database wins": trap(
        'import json, sqlite3\nDB = sqlite3.connect(":memory:")\nDB.execute("create table p (name, text)")\n'
        'DB.execute("insert into p values (?, ?)", ("sort", json.loads((HERE / "seed.json").read_text())["text"]))\n'
        'ROW = DB.execute("select text from p where name = \'sort\'").fetchone()\nP = ROW[0] if ROW else "DEAD"',
        seed_json='{"text": "LIVE"}\n',
    ),
    "config default overridden at the graph": own(
        'def work(state, config):\n    text = config["configurable"].get("prompt", "DEAD")\n'
        '    return {"said": llm.invoke([("system", text)]).content}',
        tail=TAIL.replace("compile()", 'compile().with_config(configurable={"prompt": (HERE / "sort.md").read_text()})'),
        sort_md="LIVE\n",
    ),
    "dataclass default overridden": trap(
        'from dataclasses import dataclass\n@dataclass\nclass Config:\n    prompt: str = "DEAD"\nP = Config(prompt="LIVE").prompt',
        "app.py:module:1st literal",
    ),
    "settings file over another": trap(
        'import yaml\nC = yaml.safe_load((HERE / "base.yaml").read_text())\n'
        'C.update(yaml.safe_load((HERE / "local.yaml").read_text()))\nP = C["sort"]',
        "local.yaml:sort", base_yaml="sort: DEAD\n", local_yaml="sort: LIVE\n",
    ),
    # ---- names ----
    "shadowed import": trap(
        "from prompts import SORT\nfrom other import SORT\nP = SORT",
        "other.py:SORT", prompts_py='SORT = "DEAD"\n', other_py='SORT = "LIVE"\n',
    ),
    "shadowed star import": trap(
        "from prompts import *\nfrom other import *\nP = SORT",
        "other.py:SORT", prompts_py='SORT = "DEAD"\n', other_py='SORT = "LIVE"\n',
    ),
    "local module wins over the shared one": trap(
        "try:\n    from local import SORT\nexcept ImportError:\n    from prompts import SORT\nP = SORT",
        "local.py:SORT", prompts_py='SORT = "DEAD"\n', local_py='SORT = "LIVE"\n',
    ),
    "local module is missing": trap(
        "try:\n    from nowhere import SORT\nexcept ImportError:\n    from prompts import SORT\nP = SORT",
        "prompts.py:SORT", prompts_py='SORT = "LIVE"\n', tests__prompts_py='SORT = "DEAD"\n',
    ),
    "package wins over the module of its name": trap(
        "from prompts import SORT\nP = SORT",
        "prompts/__init__.py:SORT",
        **{"prompts.py": 'SORT = "DEAD"\n', "prompts/__init__.py": 'SORT = "LIVE"\n'},
    ),
    "test double of the same name": trap(
        "from prompts import SORT\nP = SORT",
        "prompts.py:SORT", prompts_py='SORT = "LIVE"\n', tests__prompts_py='SORT = "DEAD"\n',
    ),
    "built copy": trap(
        "from desk.prompts import SORT\nP = SORT",
        "desk/prompts.py:SORT", desk__prompts_py='SORT = "LIVE"\n', build__lib__desk__prompts_py='SORT = "DEAD"\n',
    ),
    "stub beside the module": trap(
        "from prompts import SORT\nP = SORT", "prompts.py:SORT", prompts_py='SORT = "LIVE"\n', prompts_pyi='SORT: str = "DEAD"\n'
    ),
    "monkeypatched constant": own(
        'import prompts\nprompts.SORT = "LIVE"\ndef work(state):\n    return {"said": llm.invoke([("system", prompts.SORT)]).content}',
        "app.py:module:1st literal", prompts_py='SORT = "DEAD"\n',
    ),
    "patched by another module": own(
        'import prompts, patches\ndef work(state):\n    return {"said": llm.invoke([("system", prompts.SORT)]).content}',
        prompts_py='SORT = "DEAD"\n', patches_py='import prompts\nprompts.SORT = "LIVE"\n',
    ),
    "patched by setattr": own(
        'import prompts\nsetattr(prompts, "SORT", "LIVE")\ndef work(state):\n    return {"said": llm.invoke([("system", prompts.SORT)]).content}',
        "app.py:module:2nd literal", prompts_py='SORT = "DEAD"\n',
    ),
    "rebound later in the module": trap('P = "DEAD"\nP = "LIVE"', "app.py:P:15"),
    "rebound below the node": trap('P = "DEAD"' + ASK + 'P = "LIVE"', "app.py:P:17", ask=""),
    "rebound under a condition": trap('P = "LIVE"\nif os.environ.get("STRICT_OF_NOBODY"):\n    P = "DEAD"', "app.py:P"),
    "rebound by global": trap('P = "DEAD"\ndef load():\n    global P\n    P = "LIVE"\nload()', "app.py:load.P"),
    "only for type checkers": trap(
        'from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    P = "DEAD"\nelse:\n    P = "LIVE"', "app.py:P:18"
    ),
    "only as a script": trap('P = "LIVE"', "app.py:P", tail=TAIL + '\nif __name__ == "__main__":\n    P = "DEAD"\n'),
    "module chosen by name": trap(
        'import importlib\nLANGUAGE = os.environ.get("LANGUAGE_OF_NOBODY", "en")\n'
        'P = importlib.import_module(f"texts_{LANGUAGE}").SORT',
        "texts_en.py:SORT",
        **{"texts_de.py": 'SORT = "DEAD"\n', "texts_en.py": 'SORT = "LIVE"\n'},
    ),
    # ---- containers ----
    "locale twin": trap(
        'TEXTS = {"en": "LIVE", "de": "DEAD"}\nP = TEXTS[os.environ.get("LOCALE_OF_NOBODY", "en")]', "app.py:module:3rd literal"
    ),
    "locale twin in files": trap(
        'P = (HERE / "texts" / f"sort.{os.environ.get(\'LOCALE_OF_NOBODY\', \'en\')}.md").read_text()',
        "texts/sort.en.md", **{"texts__sort_en_md": "LIVE\n", "texts__sort_de_md": "DEAD\n"},
    ),
    "version chosen by the environment": trap(
        'VERSIONS = {"v1": "DEAD", "v2": "LIVE"}\nACTIVE = os.getenv("VERSION_OF_NOBODY") or "v2"\nP = VERSIONS[ACTIVE]',
        "app.py:module:4th literal",
    ),
    "last of a list": trap('VERSIONS = ["DEAD", "LIVE"]\nP = VERSIONS[-1]', "app.py:module:2nd literal"),
    "duplicate keys": trap('TEXTS = {"sort": "DEAD", "sort": "LIVE"}\nP = TEXTS["sort"]', "app.py:module:4th literal"),
    "entry overridden": trap('TEXTS = {"sort": "DEAD"}\nTEXTS["sort"] = "LIVE"\nP = TEXTS["sort"]', "app.py:module:4th literal"),
    "dicts merged": trap(
        'BASE = {"sort": "DEAD"}\nOWN = {"sort": "LIVE"}\nP = {**BASE, **OWN}["sort"]', "app.py:module:4th literal"
    ),
    "dicts joined": trap('BASE = {"sort": "DEAD"}\nP = (BASE | {"sort": "LIVE"})["sort"]', "app.py:module:4th literal"),
    "default of get": trap('TEXTS = {"sort": "LIVE"}\nP = TEXTS.get("sort", "DEAD")', "app.py:module:2nd literal"),
    "set by default": trap('TEXTS = {"sort": "LIVE"}\nTEXTS.setdefault("sort", "DEAD")\nP = TEXTS["sort"]', "app.py:module:2nd literal"),
    "chain map": trap(
        'from collections import ChainMap\nP = ChainMap({"sort": "LIVE"}, {"sort": "DEAD"})["sort"]', "app.py:module:2nd literal"
    ),
    # ---- classes and functions ----
    "attribute overridden in a subclass": trap(
        'class Base:\n    SORT = "DEAD"\nclass Desk(Base):\n    SORT = "LIVE"\nP = Desk().SORT', "app.py:Desk.SORT"
    ),
    "attribute overridden in the instance": trap(
        'class Desk:\n    sort = "DEAD"\n    def __init__(self):\n        self.sort = "LIVE"\nP = Desk().sort', "app.py:Desk.__init__:1st literal"
    ),
    "property over an attribute": trap(
        'class Base:\n    sort = "DEAD"\nclass Desk(Base):\n    @property\n    def sort(self):\n        return "LIVE"\nP = Desk().sort',
        "app.py:Desk.sort:1st literal",
    ),
    "default argument overridden": own(
        'def ask(state, prompt="DEAD"):\n    return {"said": llm.invoke([("system", prompt)]).content}\n'
        'def work(state):\n    return ask(state, "LIVE")',
        "app.py:work:1st literal",
    ),
    "partial overrides the default": own(
        'from functools import partial\ndef ask(state, prompt="DEAD"):\n    return {"said": llm.invoke([("system", prompt)]).content}\n'
        'work = partial(ask, prompt="LIVE")',
        "app.py:module:1st literal",
    ),
    "decorator replaces the text": own(
        'def speaking(text):\n    def wrap(function):\n        return lambda state: function(state, text)\n    return wrap\n'
        '@speaking("LIVE")\ndef work(state, prompt="DEAD"):\n    return {"said": llm.invoke([("system", prompt)]).content}',
    ),
    "cached loader": own(
        'from functools import cache\n@cache\ndef load(name):\n    path = HERE / f"{name}.md"\n'
        '    return path.read_text() if path.is_file() else "DEAD"\n'
        'def work(state):\n    return {"said": llm.invoke([("system", load("sort"))]).content}',
        "sort.md", sort_md="LIVE\n",
    ),
    "first match of a loop": trap(
        'for folder in ("own", "shared"):\n    if (HERE / folder / "sort.md").is_file():\n'
        '        P = (HERE / folder / "sort.md").read_text()\n        break',
        own__sort_md="LIVE\n", shared__sort_md="DEAD\n",
    ),
    # ---- templates ----
    "two templates of one name": trap(
        'from jinja2 import Environment, FileSystemLoader\n'
        'P = Environment(loader=FileSystemLoader([HERE / "own", HERE / "shared"])).get_template("sort.j2").render()',
        "own/sort.j2", own__sort_j2="LIVE\n", shared__sort_j2="DEAD\n",
    ),
    "message of a template replaced": own(
        'T = ChatPromptTemplate.from_messages([("system", "DEAD"), ("user", "{ticket}")])\nT.messages[0] = SystemMessage("LIVE")\n'
        'def work(state):\n    return {"said": (T | llm).invoke(state).content}',
    ),
    "text rewritten by replace": trap('P = "DEAD".replace("DEAD", (HERE / "sort.md").read_text())', "sort.md", sort_md="LIVE\n"),
    "text mended by replace": trap('P = "LIVE At once <when>.".replace("<when>", "today")'),
    "longer copy of the text": trap('OLD = "LIVE"\nP = "LIVE Be brief." if os.environ else OLD', "app.py:module:2nd literal"),
    "shorter copy of the text": trap('LONG = "LIVE Be brief."\nP = LONG if "X_OF_NOBODY" in os.environ else "LIVE"', "app.py:module:3rd literal"),
    "conditional expression": trap('P = "DEAD" if os.environ.get("OLD_OF_NOBODY") else "LIVE"', "app.py:module:3rd literal"),
    "f-string of the same shape": own(
        'def work(state):\n    old = f"DEAD {state[\'ticket\']}"\n    new = f"LIVE {state[\'ticket\']}"\n'
        '    text = new if state["ticket"] else old\n    return {"said": llm.invoke([("system", text)]).content}',
        "app.py:work.new",
    ),
    "another branch of the node": own(
        'def work(state):\n    if state["ticket"] == "never":\n        return {"said": llm.invoke([("system", "DEAD")]).content}\n'
        '    return {"said": llm.invoke([("system", "LIVE")]).content}',
        "app.py:work:8th literal",
    ),
}
# fmt: on
