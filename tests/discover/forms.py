"""Ways to write a prompt: one small app each, with what is to be found in it. The apps run on a model that records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MODEL = '''\
"""A chat model that keeps what it is sent."""
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult

SENT = []


class ChatEcho(BaseChatModel):
    _llm_type = "echo"

    def _generate(self, messages, stop=None, run_manager=None, **kwargs):
        SENT.extend({"role": m.type, "content": m.content} for m in messages)
        return ChatResult(generations=[ChatGeneration(message=AIMessage("ok"))])


llm = ChatEcho()
'''
HEAD = """\
from echo import llm
from langgraph.graph import StateGraph
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.prompts import *
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder, PromptTemplate
from pathlib import Path
"""
TAIL = """
builder = StateGraph(dict)
builder.add_node("work", work)
builder.set_entry_point("work")
graph = builder.compile()
"""
STATE = {"ticket": "My {card} was charged\n twice, 100% sure", "name": "Ann", "messages": [], "urgent": True}
PLAIN = "Sort the ticket into billing or other."
FORMAT = "Sort the ticket {ticket} into billing or other, as {{}}."
JINJA = "Sort the ticket {{ ticket }} into billing or other, as {}."
MUSTACHE = "Sort the ticket {{{ticket}}} into billing or other, as {}."
CHAIN = "def work(s): return (T | llm).invoke(s)"
ASK = "def work(s): return llm.invoke([('system', P)])"
FILL = "def work(s): return llm.invoke([('system', P.format(ticket=s['ticket']))])"


@dataclass(frozen=True)
class Form:
    """One app and its prompt."""

    body: str
    id: str
    kind: str = "message"
    role: str = "system"
    template: str = "format"
    variables: tuple[str, ...] = ("{ticket}",)
    files: Mapping[str, str] = field(default_factory=dict)


def plain(body: str, id: str, kind: str = "constant", **files: str) -> Form:
    return Form(
        body, id, kind, "system", "plain", (), {k.replace("__", "/").replace("_", "."): v for k, v in files.items()}
    )


def filed(reading: str, name: str, text: str, id: str, **changes: object) -> Form:
    """A prompt that lies in a file beside the app."""
    given = {"kind": name.rpartition(".")[2], "template": "plain", "variables": (), **changes}
    return Form(reading, f"{name}:{id}" if id else name, files={name: text}, **given)  # type: ignore[arg-type]


TUPLES = f"T = ChatPromptTemplate.from_messages([('system', {FORMAT!r}), ('placeholder', '{{messages}}')])"
CLASSES = "T = ChatPromptTemplate.from_messages([SystemMessage(content={0!r}), MessagesPlaceholder('messages')])"
PROMPTS_YAML = f"""\
# prompts of the desk
sort:
  role: system   # fixed
  plain: {PLAIN}
  single: 'It''s so: {PLAIN}'
  double: "Say \\"so\\": {PLAIN}"
  literal: |
    {PLAIN}
      - indented

    And a last line.
  strip: |-   # stripped

    {PLAIN}
    Bye then.
  folded: >
    {PLAIN} This line goes on and
    on for two lines.

    A second paragraph.
  deep:
    - text: {PLAIN!r}
  flow: {{a: {PLAIN}, b: 2}}
  format: {FORMAT!r}
other: *not used
""".replace("*not", "not")
YAML = "import yaml\nCONFIG = yaml.safe_load((Path(__file__).parent / 'prompts.yaml').read_text())\n"
PROMPTS_TOML = f"""\
# prompts of the desk
title = "Desk"
[sort]
basic = "{PLAIN}"  # short
literal = '{PLAIN}'
multi = \"\"\"
{PLAIN}
  Say "so" \\
  and no more.
\"\"\"
quotes = '''
{PLAIN}
'''
"a b".list = [ "one, two", "{PLAIN}", {{ x = 1 }} ]
format = "{FORMAT}"
"""
TOML = "import tomllib\nwith open(Path(__file__).parent / 'prompts.toml', 'rb') as handle:\n    CONFIG = tomllib.load(handle)\n"
PROMPTS_JSON = """\
{
    "sort": {"plain": "Sort the ticket\\u2014into billing \\/ or other.",
             "list": ["one", {"role": "system", "content": "Sort the ticket into billing or other."}]},
    "n": 1.50
}
"""
JSON = "import json\nwith open(Path(__file__).parent / 'prompts.json') as handle:\n    CONFIG = json.load(handle)\n"

# ruff: noqa: E501 - one app a line reads best
FORMS: dict[str, Form] = {
    # ---- ChatPromptTemplate ----
    "tuples": Form(f"{TUPLES}\n{CHAIN}", "app.py:module:2nd literal"),
    "the constructor": Form(f"T = ChatPromptTemplate([('system', {FORMAT!r})])\n{CHAIN}", "app.py:module:2nd literal"),
    "the constructor by name": Form(f"T = ChatPromptTemplate(messages=[('system', {FORMAT!r})])\n{CHAIN}", "app.py:module:2nd literal"),
    "a constant in a template": Form(f"P = {FORMAT!r}\nT = ChatPromptTemplate.from_messages([('system', P)])\n{CHAIN}", "app.py:P", "format"),
    "a message object is no template": plain(f"{CLASSES.format('Answer as {json}.')}\n{CHAIN}", "app.py:module:1st literal", "message"),
    "a bare string": Form(f"T = ChatPromptTemplate.from_messages([{FORMAT!r}])\n{CHAIN}", "app.py:module:1st literal", role="human"),
    "from_template": Form(f"T = ChatPromptTemplate.from_template({FORMAT!r})\n{CHAIN}", "app.py:T", "format", "human"),
    "a dict": Form(f"T = ChatPromptTemplate.from_messages([{{'role': 'system', 'content': {FORMAT!r}}}])\n{CHAIN}", "app.py:module:4th literal"),
    "a class and its text": Form(f"T = ChatPromptTemplate.from_messages([(SystemMessage, {FORMAT!r})])\n{CHAIN}", "app.py:module:1st literal"),
    "a system template": Form(f"T = ChatPromptTemplate.from_messages([SystemMessagePromptTemplate.from_template({FORMAT!r})])\n{CHAIN}", "app.py:module:1st literal"),
    "a template of a prompt": Form(f"T = ChatPromptTemplate.from_messages([SystemMessagePromptTemplate(prompt=PromptTemplate.from_template({FORMAT!r}))])\n{CHAIN}", "app.py:module:1st literal"),
    "an AI template": Form(f"T = ChatPromptTemplate.from_messages([('human', 'hi'), AIMessagePromptTemplate.from_template({FORMAT!r})])\n{CHAIN}", "app.py:module:3rd literal", role="ai"),
    "a template of any role": Form(f"T = ChatPromptTemplate.from_messages([ChatMessagePromptTemplate.from_template({FORMAT!r}, role='system')])\n{CHAIN}", "app.py:module:1st literal", role="chat"),
    "blocks": Form(f"T = ChatPromptTemplate.from_messages([('system', [{{'type': 'text', 'text': {FORMAT!r}}}])])\n{CHAIN}", "app.py:module:5th literal"),
    "jinja2 in a chat template": Form(f"T = ChatPromptTemplate.from_messages([('system', {JINJA!r})], template_format='jinja2')\n{CHAIN}", "app.py:module:2nd literal", template="jinja", variables=("{{ ticket }}",)),
    "mustache in a chat template": Form(f"T = ChatPromptTemplate.from_messages([('system', {MUSTACHE!r})], template_format='mustache')\n{CHAIN}", "app.py:module:2nd literal", template="mustache", variables=("{{{ticket}}}",)),
    "templates added": Form(f"T = ChatPromptTemplate.from_messages([('human', 'hi')]) + ChatPromptTemplate.from_messages([('system', {FORMAT!r})])\n{CHAIN}", "app.py:module:4th literal"),
    "a text added to a message": Form(f"T = SystemMessage('Be kind.') + HumanMessage('Hello there.') + {FORMAT!r}\n{CHAIN}", "app.py:module:3rd literal", role="human"),
    "a message that is added to": plain(f"T = SystemMessage(content='Answer as {{json}} only.') + '{{ticket}}'\n{CHAIN}", "app.py:module:1st literal", "message"),
    "appended": Form(f"T = ChatPromptTemplate.from_messages([('human', 'hi')])\nT.append(('system', {FORMAT!r}))\n{CHAIN}", "app.py:module:4th literal"),
    "extended": Form(f"T = ChatPromptTemplate([])\nT.extend([('system', {FORMAT!r})])\n{CHAIN}", "app.py:module:2nd literal"),
    "partial": Form(f"T = ChatPromptTemplate.from_messages([('system', {FORMAT!r})]).partial(name='x')\n{CHAIN}", "app.py:module:2nd literal"),
    "a text given to partial": plain(f"T = ChatPromptTemplate.from_messages([('system', 'Sort {{ticket}} well. {{rules}}')]).partial(rules={PLAIN!r})\n{CHAIN}", "app.py:module:3rd literal", "message"),
    "format_messages": Form(f"{TUPLES}\ndef work(s): return llm.invoke(T.format_messages(**s))", "app.py:module:2nd literal"),
    "few-shot prefix": Form(f"T = FewShotPromptTemplate(examples=[{{'q': 'card', 'a': 'billing'}}], example_prompt=PromptTemplate.from_template('Asked {{q}}, said {{a}}'), prefix='Learn well from these.', suffix={FORMAT!r})\n{CHAIN}", "app.py:module:7th literal", role="human"),
    # ---- PromptTemplate ----
    "prompt from_template": Form(f"T = PromptTemplate.from_template({FORMAT!r})\n{CHAIN}", "app.py:T", "format", "human"),
    "prompt constructor": Form(f"T = PromptTemplate(template={FORMAT!r}, input_variables=['ticket'])\n{CHAIN}", "app.py:module:1st literal", role="human"),
    "prompt in jinja2": Form(f"P = {JINJA!r}\nT = PromptTemplate(template=P, input_variables=['ticket'], template_format='jinja2')\n{CHAIN}", "app.py:P", "format", "human", "jinja", ("{{ ticket }}",)),
    "prompt in mustache": Form(f"P = {MUSTACHE!r}\nT = PromptTemplate.from_template(P, template_format='mustache')\n{CHAIN}", "app.py:P", "format", "human", "mustache", ("{{{ticket}}}",)),
    "prompt formatted": Form(f"P = {FORMAT!r}\nT = PromptTemplate.from_template(P)\ndef work(s): return llm.invoke([SystemMessage(T.format(ticket=s['ticket']))])", "app.py:P", "format"),
    "prompts added": Form(f"T = PromptTemplate.from_template({FORMAT!r}) + '\\nBe kind, {{name}}.'\n{CHAIN}", "app.py:module:1st literal", role="human"),
    "prompt from_file": filed(f"T = PromptTemplate.from_file(Path(__file__).parent / 'sort.txt')\n{CHAIN}", "sort.txt", f"{FORMAT}\n", "", kind="file", role="human", template="format", variables=("{ticket}",)),
    "prompt from_file in jinja2": filed(f"T = PromptTemplate.from_file('sort.txt', template_format='jinja2')\n{CHAIN}", "sort.txt", f"{JINJA}\n", "", kind="file", role="human", template="jinja", variables=("{{ ticket }}",)),
    # ---- module texts ----
    "imported": plain(f"from texts import SORT\nP = SORT\n{ASK}", "texts.py:SORT", texts_py=f"SORT = {PLAIN!r}\n"),
    "imported with a star": plain("from texts import *\ndef work(s): return llm.invoke([('system', SORT)])", "texts.py:SORT", texts_py=f"SORT = {PLAIN!r}\n"),
    "of a package": plain("import texts.en as t\ndef work(s): return llm.invoke([('system', t.SORT)])", "texts/en.py:SORT", texts____init___py="", texts__en_py=f"SORT = {PLAIN!r}\n"),
    "dict entry": plain(f"TEXTS = {{'sort': {{'system': {PLAIN!r}}}, 'other': 'Never shown to anyone.'}}\nP = TEXTS['sort']['system']\n{ASK}", "app.py:module:4th literal", "message"),
    "list entry": plain(f"TEXTS = ['Never shown to anyone.', {PLAIN!r}]\nP = TEXTS[1]\n{ASK}", "app.py:module:2nd literal", "message"),
    "class attribute": plain(f"class Texts:\n    SORT = {PLAIN!r}\nP = Texts.SORT\n{ASK}", "app.py:Texts.SORT"),
    "enum": plain(f"from enum import Enum\nclass Texts(Enum):\n    SORT = {PLAIN!r}\nP = Texts.SORT.value\n{ASK}", "app.py:Texts.SORT"),
    "string enum": plain(f"from enum import StrEnum\nclass Texts(StrEnum):\n    SORT = {PLAIN!r}\nP = Texts.SORT\n{ASK}", "app.py:Texts.SORT"),
    "dedent": plain(f'from textwrap import dedent\nP = dedent("""\\\n    {PLAIN}\n      Say why.\n    """)\n{ASK}', "app.py:P"),
    "dedent and strip": plain(f'import textwrap\nP = textwrap.dedent("""\n    {PLAIN}\n      Say why.\n    """).strip()\n{ASK}', "app.py:P"),
    "cleandoc": plain(f'import inspect\nP = inspect.cleandoc("""{PLAIN}\n    Say why.\n    """)\n{ASK}', "app.py:P"),
    "adjacent": plain(f"P = ('Be kind. '  # always\n     {PLAIN!r}\n     ' Say why.')\n{ASK}", "app.py:P"),
    "plus": plain(f"P = 'Be kind. ' + {PLAIN!r} + ' Say why.'\n{ASK}", "app.py:P"),
    "joined list": plain(f"LINES = [\n    'Be kind to everyone.',\n    {PLAIN!r},\n]\nP = '\\n'.join(LINES)\n{ASK}", "app.py:module:2nd literal", "message"),
    "joined list in place": plain(f"P = '\\n'.join(['Be kind to everyone.', {PLAIN!r}])\n{ASK}", "app.py:module:3rd literal", "message"),
    "added up": plain(f"P = 'Be kind to everyone. '\nP += {PLAIN!r}\n{ASK}", "app.py:module:2nd literal", "message"),
    "raw": plain(f"P = r'''Match \\d+ and {PLAIN}'''\n{ASK}", "app.py:P"),
    "format": Form(f"P = {FORMAT!r}\n{FILL}", "app.py:P", "format"),
    "format_map": Form(f"P = {FORMAT!r}\ndef work(s): return llm.invoke([('system', P.format_map(s))])", "app.py:P", "format"),
    "f-string": Form("def work(s):\n    ticket = s['ticket']\n    return llm.invoke([('system', f'Sort {ticket} into billing, {{}}.')])", "app.py:work:3rd literal", "fstring", template="fstring"),
    "f-string over tokens": Form("def work(s):\n    ticket = s['ticket']\n    return llm.invoke([('system', f'Sort {ticket} '\n        'into {billing}, '\n        f'or other.')])", "app.py:work:3rd literal", "fstring", template="fstring"),
    "jinja": Form(f"from jinja2 import Template\nP = {JINJA!r}\ndef work(s): return llm.invoke([('system', Template(P).render(**s))])", "app.py:P", "format", template="jinja", variables=("{{ ticket }}",)),
    "jinja environment": Form(f"from jinja2 import Environment\nP = {JINJA!r}\ndef work(s): return llm.invoke([('system', Environment().from_string(P).render(s))])", "app.py:P", "format", template="jinja", variables=("{{ ticket }}",)),
    "string template": Form("from string import Template\nP = Template('Sort $ticket into billing for $$1 or ${name}.')\ndef work(s): return llm.invoke([('system', P.substitute(s))])", "app.py:P", "format", template="dollar", variables=("$ticket", "${name}")),
    "percent": Form("P = 'Sort %(ticket)s into 100 %% billing or other.'\ndef work(s): return llm.invoke([('system', P % s)])", "app.py:P", "format", template="percent", variables=("%(ticket)s",)),
    # ---- files ----
    "text file": filed(f"P = (Path(__file__).parent / 'sort.md').read_text()\n{ASK}", "sort.md", f"{PLAIN}\n", "", kind="file"),
    "text file of a package": filed(f"from importlib.resources import files\nP = files('texts').joinpath('sort.md').read_text()\n{ASK}", "texts/sort.md", f"{PLAIN}\n", "", kind="file"),
    "jinja file": filed("from jinja2 import Environment, FileSystemLoader\nENV = Environment(loader=FileSystemLoader(Path(__file__).parent / 'texts'))\ndef work(s): return llm.invoke([('system', ENV.get_template('sort.jinja').render(**s))])", "texts/sort.jinja", f"{JINJA}\nBye.\n", "", kind="file", template="jinja", variables=("{{ ticket }}",)),
    "jinja file with a block": filed("from jinja2 import Environment, FileSystemLoader\nENV = Environment(loader=FileSystemLoader('texts'), trim_blocks=True)\ndef work(s): return llm.invoke([('system', ENV.get_template('sort.jinja').render(**s))])", "texts/sort.jinja", f"{PLAIN}\n{{% if urgent %}}\nBe quick, {{{{ name }}}}.\n{{% else %}}\nTake your time.\n{{% endif %}}\nBye then.\n", "", kind="file", template="jinja", variables=("{% if urgent %}", "{{ name }}", "{% else %}", "{% endif %}")),
    "jinja file read as text": filed("from jinja2 import Template\nT = Template(Path('sort.j2').read_text())\ndef work(s): return llm.invoke([('system', T.render(ticket=s['ticket']))])", "sort.j2", f"{JINJA}\n", "", kind="file", template="jinja", variables=("{{ ticket }}",)),
    "yaml plain": filed(f"{YAML}P = CONFIG['sort']['plain']\n{ASK}", "prompts.yaml", PROMPTS_YAML, "sort.plain"),
    "yaml single": filed(f"{YAML}P = CONFIG['sort']['single']\n{ASK}", "prompts.yaml", PROMPTS_YAML, "sort.single"),
    "yaml double": filed(f"{YAML}P = CONFIG['sort']['double']\n{ASK}", "prompts.yaml", PROMPTS_YAML, "sort.double"),
    "yaml literal": filed(f"{YAML}P = CONFIG['sort']['literal']\n{ASK}", "prompts.yaml", PROMPTS_YAML, "sort.literal"),
    "yaml stripped": filed(f"{YAML}P = CONFIG['sort']['strip']\n{ASK}", "prompts.yaml", PROMPTS_YAML, "sort.strip"),
    "yaml folded": filed(f"{YAML}P = CONFIG['sort']['folded']\n{ASK}", "prompts.yaml", PROMPTS_YAML, "sort.folded"),
    "yaml deep": filed(f"{YAML}P = CONFIG['sort']['deep'][0]['text']\n{ASK}", "prompts.yaml", PROMPTS_YAML, "sort.deep.0.text"),
    "yaml flow": filed(f"{YAML}P = CONFIG['sort']['flow']['a']\n{ASK}", "prompts.yaml", PROMPTS_YAML, "sort.flow.a"),
    "yaml format": filed(f"{YAML}P = CONFIG['sort']['format']\n{FILL}", "prompts.yaml", PROMPTS_YAML, "sort.format", template="format", variables=("{ticket}",)),
    "yaml in a model": filed(
        f"{YAML}from pydantic import BaseModel\nclass Texts(BaseModel):\n    plain: str\n    double: str\n"
        f"TEXTS = Texts(**CONFIG['sort'])\nP = TEXTS.plain\n{ASK}",
        "prompts.yaml",
        PROMPTS_YAML,
        "sort.plain",
    ),
    "yaml from an open file": filed(f"import yaml\ndef load(name):\n    with open(f'{{name}}.yaml', encoding='utf-8') as handle:\n        return yaml.load(handle, Loader=yaml.SafeLoader)\nP = load('prompts').get('sort', {{}}).get('literal', '')\n{ASK}", "prompts.yaml", PROMPTS_YAML, "sort.literal"),
    "yaml chat template": filed(f"import yaml\nC = yaml.safe_load(open('chat.yml'))\nT = ChatPromptTemplate.from_messages([(m['role'], m['content']) for m in C['messages']])\n{CHAIN}", "chat.yml", f"messages:\n- role: system\n  content: {FORMAT!r}\n- {{role: user, content: hi}}\n", "messages.0.content", kind="yaml", template="format", variables=("{ticket}",)),
    "toml basic": filed(f"{TOML}P = CONFIG['sort']['basic']\n{ASK}", "prompts.toml", PROMPTS_TOML, "sort.basic"),
    "toml literal": filed(f"{TOML}P = CONFIG['sort']['literal']\n{ASK}", "prompts.toml", PROMPTS_TOML, "sort.literal"),
    "toml multi": filed(f"{TOML}P = CONFIG['sort']['multi']\n{ASK}", "prompts.toml", PROMPTS_TOML, "sort.multi"),
    "toml quotes": filed(f"{TOML}P = CONFIG['sort']['quotes']\n{ASK}", "prompts.toml", PROMPTS_TOML, "sort.quotes"),
    "toml list": filed(f"{TOML}P = CONFIG['sort']['a b']['list'][1]\n{ASK}", "prompts.toml", PROMPTS_TOML, "sort.a b.list.1"),
    "toml format": filed(f"import tomllib\nCONFIG = tomllib.loads(Path('prompts.toml').read_text())\nP = CONFIG['sort']['format']\n{FILL}", "prompts.toml", PROMPTS_TOML, "sort.format", template="format", variables=("{ticket}",)),
    "json": filed(f"{JSON}P = CONFIG['sort']['plain']\n{ASK}", "prompts.json", PROMPTS_JSON, "sort.plain"),
    "json message": filed("import json\nCONFIG = json.loads(Path('prompts.json').read_text())\ndef work(s): return llm.invoke([CONFIG['sort']['list'][1]])", "prompts.json", PROMPTS_JSON, "sort.list.1.content"),
}  # fmt: skip
