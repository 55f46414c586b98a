"""Ways of writing an app that were met in repositories of strangers, in the words of these tests."""

from __future__ import annotations

import re

import pytest

from harness.discover import discover
from harness.types import Discovery
from tests.discover.conftest import HEAD, TAIL, Writer


def texts(found: Discovery, node: str = "work") -> list[str]:
    """The literal text of each prompt of a node."""
    (ids,) = {n.prompts for n in found.nodes if n.name == node}
    parts = {p.id: p.parts for p in found.prompts}
    return ["".join(p for p in parts[name] if isinstance(p, str)) for name in ids]


BASE = """
class Clerk:
    def __init__(self, rule="Be brief."):
        self.llm, self.rule = ChatOpenAI(model="gpt-4o"), rule
    def ask(self, question):
        return self.llm.invoke([SystemMessage(content=self.rule), HumanMessage(content=question)])
    def greet(self): return "Say hello to the guest."
"""


def test_super_reaches_the_base_with_the_same_object(write: Writer) -> None:
    body = (
        BASE
        + """
class Usher(Clerk):
    def __init__(self):
        super().__init__("Show the seat.")
    def greet(self): return super().greet()
    def run(self, s): return self.ask(self.greet())
work = Usher().run
"""
    )
    found = discover(write({"app.py": HEAD + body + TAIL}))
    assert [m.id for m in found.nodes[0].models] == ["gpt-4o"]
    assert texts(found) == ["Show the seat.", "Say hello to the guest."]


def test_super_fills_the_fields_of_a_foreign_base(write: Writer) -> None:
    body = """
from pydantic import BaseModel
class Clerk(BaseModel):
    rule: str
    def __init__(self, **given):
        super().__init__(rule="Sort the ticket.", **given)
    def run(self, s): return llm.invoke(self.rule)
work = Clerk().run
"""
    assert texts(discover(write({"app.py": HEAD + body + TAIL}))) == ["Sort the ticket."]


@pytest.mark.parametrize(
    ("made", "nodes"), [("from langgraph.graph import Graph", 1), ("from networkx import Graph", 0)]
)
def test_the_graph_of_the_first_langgraph_is_one(write: Writer, made: str, nodes: int) -> None:
    body = f"""
{made}
class Desk:
    def run(self, question):
        flow = Graph()
        flow.add_node("sort", lambda s: llm.invoke("Sort the ticket."))
        return flow
"""
    assert len(discover(write({"app.py": HEAD + body})).nodes) == nodes


GOOGLE = "from google import genai\nfrom google.genai import types\nclient = genai.Client()\n"


@pytest.mark.parametrize(
    ("head", "call", "expected"),
    [
        (GOOGLE, "client.models.generate_content(model='gemini-2.5-flash', contents=types.Content(parts=[types.Part("
         "file_data=s['film']), types.Part(text=f'Tell the plot of {s}')]))", ["Tell the plot of "]),
        (GOOGLE, "client.models.generate_content(model='gemini-2.5-flash', contents=s['q'], "
         "config=types.GenerateContentConfig(system_instruction='Answer in verse.'))", ["Answer in verse."]),
        (GOOGLE, "client.chats.create(model='gemini-2.5-flash', config={'system_instruction': 'Answer in verse.'})"
         ".send_message('Begin with spring.')", ["Begin with spring.", "Answer in verse."]),
        ("import google.generativeai as genai\n", "genai.GenerativeModel('gemini-pro', system_instruction='Answer in "
         "verse.').generate_content([{'role': 'user', 'parts': ['Begin with spring.']}])",
         ["Begin with spring.", "Answer in verse."]),
        ("import openai\n", "openai.ChatCompletion.create(model='gpt-4', messages=[{'role': 'system', 'content': "
         "'Answer in verse.'}])", ["Answer in verse."]),
        ("from mistralai import Mistral\n", "Mistral().chat.complete(model='small', messages=[{'role': 'user', "
         "'content': 'Begin with spring.'}])", ["Begin with spring."]),
    ],
)  # fmt: skip
def test_clients_of_providers_are_read(write: Writer, head: str, call: str, expected: list[str]) -> None:
    found = discover(write({"app.py": f"{HEAD}{head}def work(s): return {call}\n{TAIL}"}))
    assert texts(found) == expected
    assert all(n.models and n.models[0].id for n in found.nodes)


PROMPT = "PromptTemplate.from_template('Sort the ticket {q}.')"


@pytest.mark.parametrize(
    "call",
    [
        f"LLMChain(llm=llm, prompt={PROMPT}).run(q=s)",
        f"LLMChain(llm=llm, prompt={PROMPT})({{'q': s}})",
        f"create_stuff_documents_chain(llm, {PROMPT}).invoke({{'q': s}})",
        f"create_retrieval_chain(s, create_stuff_documents_chain(llm, {PROMPT})).invoke({{'q': s}})",
        f"AgentExecutor(agent=create_tool_calling_agent(llm, [], {PROMPT}), tools=[]).invoke({{'q': s}})",
        f"RetrievalQA.from_chain_type(llm=llm, chain_type_kwargs={{'prompt': {PROMPT}}}).invoke(s)",
        f"RunnableBranch((lambda x: True, {PROMPT} | llm), {PROMPT} | llm).invoke(s)",
        f"RunnableWithMessageHistory({PROMPT} | llm, s).invoke({{'q': s}})",
    ],
)
def test_chains_and_agents_of_old_langchain_are_read(write: Writer, call: str) -> None:
    names = sorted({"PromptTemplate", *re.findall(r"\b(?:[A-Z]\w+|create_\w+)(?=[(.])", call)})
    head = f"from langchain.chains import {', '.join(names)}\n"
    found = discover(write({"app.py": f"{HEAD}{head}def work(s): return {call}\n{TAIL}"}))
    assert set(texts(found)) == {"Sort the ticket ."}
    assert [m.id for m in found.nodes[0].models] == ["gpt-4o-mini"]


def test_messages_converted_by_a_library_are_sent(write: Writer) -> None:
    body = """
from langchain_community.adapters.openai import convert_openai_messages
def work(s):
    told = [{"role": "system", "content": "Sort the ticket."}, {"role": "user", "content": f"Today is {s}."}]
    return llm.invoke(convert_openai_messages(told))
"""
    assert texts(discover(write({"app.py": HEAD + body + TAIL}))) == ["Sort the ticket.", "Today is ."]


def test_every_object_of_a_class_keeps_what_it_was_made_with(write: Writer) -> None:
    body = """
class Desk:
    def __init__(self, rule): self.rule = rule
    def __call__(self, s): return llm.invoke(self.rule)
builder = StateGraph(dict)
""" + "".join(f"d{n} = Desk('Serve the guest at table {n}.')\nbuilder.add_node('desk{n}', d{n})\n" for n in range(8))
    found = discover(write({"app.py": HEAD + body}))
    assert [len(n.prompts) for n in found.nodes] == [1] * 8


@pytest.mark.parametrize("before", ["s['model']", "make(s)"])
def test_what_takes_a_prompt_template_is_a_model(write: Writer, before: str) -> None:
    body = f"""
from langchain_core.prompts import PromptTemplate
from stranger import make
def work(s): return (PromptTemplate.from_template("Sort the ticket {{q}}.") | {before}).invoke(s)
"""
    found = discover(write({"app.py": HEAD + body + TAIL}))
    assert (found.nodes[0].is_llm, texts(found)) == (True, ["Sort the ticket ."])


PROMPTS = """
import os, yaml
def work(s):
    with open(os.path.join("apps", os.environ["APP"], "rules.yaml")) as file:
        return llm.invoke(yaml.safe_load(file)["sort"])
"""


def test_a_document_in_a_folder_chosen_at_run_time_is_found(write: Writer) -> None:
    files = {"app.py": HEAD + PROMPTS + TAIL, "apps/desk/rules.yaml": "sort: Sort the ticket.\n"}
    (prompt,) = discover(write(files)).prompts
    assert (prompt.span.file, prompt.proof) == ("apps/desk/rules.yaml", "likely")


def test_one_of_several_documents_is_not_taken_for_the_one_that_is_read(write: Writer) -> None:
    both = {f"apps/{name}/rules.yaml": f"sort: Sort the ticket of {name}.\n" for name in ("desk", "shop")}
    found = discover(write({"app.py": HEAD + PROMPTS + TAIL, **both}))
    assert [p.proof for p in found.prompts] == ["unresolved", "unresolved"]


def test_a_path_outside_the_repository_is_not_searched(write: Writer) -> None:
    body = PROMPTS.replace('"apps"', '"/"')
    assert discover(write({"app.py": HEAD + body + TAIL, "rules.yaml": "sort: Sort the ticket."})).prompts == ()


def test_every_node_that_a_helper_adds_is_found(write: Writer) -> None:
    body = """
def add(builder, name, rule):
    builder.add_node(name, lambda s: llm.invoke(rule))
def build():
    builder = StateGraph(dict)
""" + "".join(f"    add(builder, 'desk{n}', 'Serve the guest at table {n}.')\n" for n in range(9))
    found = discover(write({"app.py": f"{HEAD}{body}    return builder.compile()\n"}))
    assert [(n.name, len(n.prompts)) for n in found.nodes] == [(f"desk{n}", 1) for n in range(9)]


@pytest.mark.parametrize(
    ("call", "models"),
    [
        ("requests.post('http://localhost:11434/api/chat', json=body)", ["small"]),
        ("requests.Session().post(f'{BASE}/chat/completions', data=json.dumps(body))", ["small"]),
        ("httpx.AsyncClient().post(BASE, json=body)", ["small"]),
        ("requests.post('https://api.perplexity.ai/chat/completions', json=body)", []),
        ("requests.post(BASE, json={'query': 'Find the ticket of the guest.'})", []),
    ],
)
def test_a_model_asked_over_plain_http_is_a_model_call(write: Writer, call: str, models: list[str]) -> None:
    body = f"""
import json, os, requests, httpx
BASE = os.environ["BASE"]
def work(s):
    body = {{"model": "small", "messages": [{{"role": "user", "content": "Sort the ticket."}}]}}
    return {call}
"""
    found = discover(write({"app.py": HEAD + body + TAIL}))
    assert [m.id for m in found.nodes[0].models] == models
    assert texts(found) == ["Sort the ticket."] * len(models)


def test_a_prompt_in_a_module_imported_by_its_name_is_found(write: Writer) -> None:
    body = """
from importlib import import_module
ACTIVE = {"sort": "sort_v2"}
def prompt(name): return getattr(import_module(f"texts.{ACTIVE[name]}"), "PROMPT")
def work(s): return llm.invoke(prompt("sort"))
"""
    files = {f"texts/sort_v{n}.py": f"PROMPT = 'Sort the ticket, way {n}.'\n" for n in (1, 2)}
    assert texts(discover(write({"app.py": HEAD + body + TAIL, **files}))) == ["Sort the ticket, way 2."]


@pytest.mark.parametrize(
    ("filled", "count"),
    [
        ("fetch(s)", 1),  # the word of a failure
        ("s.get('notes') or 'Nothing noted.'", 1),  # stands in for what comes at run time
        ("s.get('tone') or 'Answer as if the guest were an old friend of the house.'", 2),
        ("'工具列表與說明文字'", 2),  # Chinese without a space
    ],
)
def test_what_is_filled_in_is_a_prompt_where_it_says_something(write: Writer, filled: str, count: int) -> None:
    body = f"""
def fetch(s):
    if s: return s.text
    return f"Failed to load the notes of {{s}}."
def work(s):
    return llm.invoke([HumanMessage(content=f"Sort the ticket with {{{filled}}}.")])
"""
    body = body.replace(f"{{{filled}}}", "{x}").replace("def work(s):\n", f"def work(s):\n    x = {filled}\n")
    assert len(texts(discover(write({"app.py": HEAD + body + TAIL})))) == count


def test_pictures_in_a_message_are_no_prompts(write: Writer) -> None:
    body = """
def work(s):
    shown = {"type": "image_url", "image_url": {"url": f"data:image of kind png;base64,{s}"}}
    return llm.invoke([HumanMessage(content=[{"type": "text", "text": "Tell what you see."}, shown])])
"""
    assert texts(discover(write({"app.py": HEAD + body + TAIL}))) == ["Tell what you see."]


ASK = """
def ask(text, json_mode=False, rule=None):
    said = [HumanMessage(content=text)]
    if json_mode: said.append(SystemMessage(content="Answer in JSON alone."))
    if rule is not None: said.append(SystemMessage(content=rule))
    return llm.invoke(said)
"""


@pytest.mark.parametrize(
    ("call", "count"),
    [
        ("ask('Sort the ticket.')", 1),
        ("ask('Sort the ticket.', json_mode=True)", 2),
        ("ask('Sort the ticket.', json_mode=s['json'])", 2),
        ("ask('Sort the ticket.', **s['options'])", 2),
    ],
)
def test_an_option_that_is_off_adds_no_prompt(write: Writer, call: str, count: int) -> None:
    assert len(texts(discover(write({"app.py": f"{HEAD}{ASK}def work(s): return {call}\n{TAIL}"})))) == count


def test_options_of_a_builder_and_of_a_node_stay_open(write: Writer) -> None:
    body = """
def work(s, config=None):
    if config: return llm.invoke("Sort the ticket with care.")
    return llm.invoke("Sort the ticket.")
def build(careful=False):
    builder = StateGraph(dict)
    builder.add_node("work", work)
    if careful: builder.add_node("check", lambda s: llm.invoke("Check the ticket."))
    return builder.compile()
"""
    found = discover(write({"app.py": HEAD + body}))
    assert [(n.name, len(n.prompts)) for n in found.nodes] == [("work", 2), ("check", 1)]


def test_a_folder_called_like_the_library_does_not_hide_it(write: Writer) -> None:
    body = "def work(s): return llm.invoke('Sort the ticket.')\n"
    found = discover(write({"app/core/langgraph/__init__.py": "", "app/core/langgraph/graph.py": HEAD + body + TAIL}))
    assert texts(found) == ["Sort the ticket."]


@pytest.mark.parametrize(
    ("call", "is_llm"),
    [
        ("client.chat.completions.create(model=s['model'], messages=told)", True),
        ("self.client.chat.completions.create(model='small', messages=told)", True),
        ("client.messages.create(model='small', system='Be brief.', messages=told)", True),
        ("client.messages.create(body='Your ticket is ready.', to=s['phone'])", False),
        ("store.tickets.create(model='small', messages=told)", False),
    ],
)
def test_a_client_that_is_handed_in_is_known_by_how_it_is_asked(write: Writer, call: str, is_llm: bool) -> None:
    body = f"""
class Desk:
    def __init__(self, client): self.client = client
    def ask(self, client, store, s):
        told = [{{"role": "user", "content": "Sort the ticket."}}]
        return {call}
def work(s, *, client, store): return Desk(client).ask(client, store, s)
"""
    (node,) = discover(write({"app.py": HEAD + body + TAIL})).nodes
    assert (node.is_llm, len(node.prompts) > 0) == (is_llm, is_llm)
