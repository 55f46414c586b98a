"""The server as a user starts it, asked by the clients that people use."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from langchain_openai import ChatOpenAI

from harness.models import init_chat_model
from tests.models.conftest import make_folder
from tests.models.test_general import adapter_of

MESSAGES: Any = [{"role": "system", "content": "You sort tickets."}, {"role": "user", "content": "My parcel is late."}]


@dataclass(frozen=True)
class Standing:
    url: str  # up to /v1
    process: subprocess.Popen[str]

    @property
    def client(self) -> openai.OpenAI:
        return openai.OpenAI(base_url=self.url, api_key="none", max_retries=0)


@contextmanager
def standing(*arguments: str, cwd: Path, **environment: str) -> Iterator[Standing]:
    command = [sys.executable, "-m", "harness", "models", "serve", *arguments, "--port", "0", "--json"]
    process = subprocess.Popen(
        command, cwd=cwd, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        told = ""
        while not told.endswith("}\n"):
            line = process.stdout.readline()
            assert line, process.stderr.read() if process.stderr else ""
            told += line
        yield Standing(json.loads(told)["address"], process)
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    from peft import LoraConfig

    room = tmp_path_factory.mktemp("served")
    tiny = make_folder(room / "tiny")
    low = LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "w1"], task_type="CAUSAL_LM")
    return {"tiny": tiny, "tuned": adapter_of(tiny, room / "adapters" / "tuned", low, 3), "room": room}


@pytest.fixture(scope="module")
def server(places: dict[str, Path]) -> Iterator[Standing]:
    with standing("tiny", f"tuned={places['tuned']}", cwd=places["room"]) as found:
        yield found


def here(model: Path, **parameters: Any) -> str:
    return str(
        init_chat_model(f"local:{model}", **parameters).invoke([(m["role"], m["content"]) for m in MESSAGES]).content
    )


def test_one_name_is_one_adapter(server: Standing, places: dict[str, Path]) -> None:
    answers = {}
    for name in ("tiny", "tuned"):
        said = server.client.chat.completions.create(model=name, messages=MESSAGES, temperature=0, max_tokens=12)
        answers[name] = said.choices[0].message.content
        assert answers[name] == here(places[name], temperature=0, max_tokens=12)
        assert said.choices[0].finish_reason == "length"
        assert said.usage is not None
        assert said.usage.completion_tokens == 12
    assert answers["tiny"] != answers["tuned"]
    assert [model.id for model in server.client.models.list()] == ["tiny", "tuned"]
    assert server.client.models.retrieve("tuned").id == "tuned"


def test_pieces_are_the_answer(server: Standing, places: dict[str, Path]) -> None:
    stream = server.client.chat.completions.create(
        model="tiny",
        messages=MESSAGES,
        temperature=0,
        max_tokens=12,
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    texts = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(texts) == here(places["tiny"], temperature=0, max_tokens=12)
    assert len([text for text in texts if text]) > 2
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "length"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == 12


def test_langchain_asks_it_too(server: Standing, places: dict[str, Path]) -> None:
    model = ChatOpenAI(model="tuned", base_url=server.url, api_key="none", temperature=0, max_tokens=8, max_retries=0)
    messages = [(m["role"], m["content"]) for m in MESSAGES]
    expected = here(places["tuned"], temperature=0, max_tokens=8)
    assert model.invoke(messages).content == expected
    assert "".join(str(piece.content) for piece in model.stream(messages)) == expected


def test_an_answer_in_the_form_of_a_schema(server: Standing) -> None:
    schema = {"type": "object", "properties": {"label": {"enum": ["billing", "refund"]}}, "required": ["label"]}
    told = {"name": "label", "schema": {**schema, "additionalProperties": False}}
    form: Any = {"type": "json_schema", "json_schema": told}
    made = server.client.chat.completions.create(model="tuned", messages=MESSAGES, response_format=form)
    assert json.loads(made.choices[0].message.content or "")["label"] in ("billing", "refund")


def test_stop_seed_and_several_choices(server: Standing, places: dict[str, Path]) -> None:
    whole = here(places["tiny"], temperature=0, max_tokens=12)
    create = server.client.chat.completions.create
    stopped = create(model="tiny", messages=MESSAGES, temperature=0, max_tokens=12, stop=whole[3:5]).choices[0]
    assert (stopped.message.content, stopped.finish_reason) == (whole[: whole.index(whole[3:5])], "stop")

    def drawn() -> list[str | None]:
        made = create(model="tiny", messages=MESSAGES, temperature=1, max_tokens=8, seed=4, n=3)
        return [choice.message.content for choice in made.choices]

    assert drawn() == drawn()
    assert len(set(drawn())) > 1


def test_a_crowd_is_answered_as_one_is(server: Standing) -> None:
    def ask(number: int) -> str | None:
        asked: Any = [{"role": "user", "content": f"Ticket {number}"}]
        return (
            server.client.chat.completions.create(model="tiny", messages=asked, temperature=0, max_tokens=6)
            .choices[0]
            .message.content
        )

    with ThreadPoolExecutor(12) as pool:
        together = list(pool.map(ask, range(12)))
    assert together == [ask(number) for number in range(12)]


@pytest.mark.parametrize(
    ("more", "status", "word"),
    [
        ({"model": "nobody"}, 404, "tiny, tuned"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, 400, "describe the tools"),
        ({"response_format": {"type": "yaml"}}, 400, "response_format is one of"),
        ({"response_format": {"type": "json_schema", "json_schema": {"schema": {"type": "x"}}}}, 400, "be followed"),
        ({"logprobs": True}, 400, "logprobs"),
        ({"temperature": -1}, 400, "temperature"),
        ({"messages": []}, 400, "messages"),
        ({"messages": [{"role": "tool", "content": "x"}]}, 400, "role"),
        ({"messages": [{"role": "user", "content": "parcel " * 800}]}, 400, "reads at most"),
        ({"stop": ""}, 400, "stop"),
        ({"n": 2, "stream": True}, 400, "one answer can be streamed"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(
    server: Standing, more: dict[str, Any], status: int, word: str
) -> None:
    with pytest.raises(openai.APIStatusError, match=word) as caught:
        server.client.post("/chat/completions", body={"model": "tiny", "messages": MESSAGES, **more}, cast_to=object)
    assert caught.value.status_code == status


def test_a_page_of_a_browser_cannot_reach_it_by_another_name(server: Standing) -> None:
    assert httpx.get(f"{server.url}/models", headers={"Host": "evil.example"}).status_code == 400
    assert httpx.get(f"{server.url}/models").status_code == 200
    assert httpx.post(f"{server.url}/chat/completions", content=b"{").status_code == 400


def test_a_key_is_asked_for_and_the_end_is_quiet(places: dict[str, Path]) -> None:
    with standing("tiny", cwd=places["room"], HARNESS_API_KEY="secret") as found:
        with pytest.raises(openai.AuthenticationError, match="asks for its key"):
            found.client.models.list()
        named = openai.OpenAI(base_url=found.url, api_key="secret", max_retries=0)
        assert [model.id for model in named.models.list()] == ["tiny"]
        long = named.chat.completions.create(model="tiny", messages=MESSAGES, stream=True)
        next(iter(long))
        found.process.send_signal(signal.SIGINT)
        _, said = found.process.communicate(timeout=60)
        assert found.process.returncode == 0
        assert "Traceback" not in said
        assert "secret" not in said


def refused(*arguments: str, cwd: Path) -> tuple[int, str]:
    command = [sys.executable, "-m", "harness", "models", "serve", *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_a_port_in_use_a_public_host_and_an_unknown_name(places: dict[str, Path]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, said = refused("tiny", "--port", str(taken.getsockname()[1]), cwd=places["room"])
    assert (code, "the port is in use" in said) == (3, True)
    code, said = refused("tiny", "--host", "0.0.0.0", cwd=places["room"])
    assert (code, "--public" in said) == (2, True)
    code, said = refused("nobody", cwd=places["room"])
    assert (code, "embedded" in said) == (2, True)
