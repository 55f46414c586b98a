"""Jobs at OpenAI and models of Ollama over loopback servers that speak their protocols, through the real clients."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import typer

from harness.cli.providing import Job, pushed, tuned
from harness.errors import HarnessError, MachineError, UserError
from harness.providers.openai import Order

KEY = "sk-of-a-test"


class Service(BaseHTTPRequestHandler):
    """Answers in JSON; what happened stands in ``server.book``."""

    server: Any

    def log_message(self, format: str, *args: Any) -> None:
        """Silence."""

    def read(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def give(self, value: Any, status: int = 200) -> None:
        raw = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(raw)


class OpenAI(Service):
    """Files, fine-tuning jobs and their events; a job moves on with every question."""

    STATES = ("validating_files", "queued", "running", "running", "succeeded")

    def do_POST(self) -> None:
        raw, book = self.read(), self.server.book
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            self.give({"error": {"message": "Incorrect API key provided", "type": "invalid_request_error"}}, 401)
        elif self.path == "/v1/files":
            boundary = re.search("boundary=(.+)", self.headers["Content-Type"])
            assert boundary
            parts = raw.split(b"--" + boundary[1].encode())
            fields = dict(re.findall(rb'name="(\w+)"(?:.*?)\r\n\r\n(.*)\r\n', part, re.S)[0] for part in parts[1:-1])
            assert fields[b"purpose"] == b"fine-tune"
            book["file"] = [json.loads(line) for line in fields[b"file"].decode().splitlines()]
            file = {
                "id": "file-1",
                "object": "file",
                "bytes": len(fields[b"file"]),
                "created_at": 1,
                "status": "processed",
            }
            self.give({**file, "filename": "examples.jsonl", "purpose": "fine-tune"})
        elif self.path == "/v1/fine_tuning/jobs":
            book["asked"] = json.loads(raw)
            if book["asked"]["model"] == "nobody":
                self.give({"error": {"message": "Model nobody is not available for fine-tuning"}}, 400)
            else:
                self.give(self.job())

    def do_GET(self) -> None:
        book = self.server.book
        if self.path == "/v1/fine_tuning/jobs/ftjob-1":
            book["step"] = min(book.get("step", -1) + 1, len(self.STATES) - 1)
            self.give(self.job())
        elif self.path.startswith("/v1/fine_tuning/jobs/ftjob-1/events"):
            events = [self.event(number) for number in range(book.get("step", 0) + 1)]
            self.give({"object": "list", "data": events[::-1], "has_more": False})
        else:
            self.give({"error": {"message": f"Could not find {self.path}"}}, 404)

    def event(self, number: int) -> dict[str, Any]:
        told = f"step {number}: {self.STATES[number]}"
        return {
            "id": f"e{number}",
            "object": "fine_tuning.job.event",
            "created_at": number,
            "level": "info",
            "message": told,
        }

    def job(self) -> dict[str, Any]:
        book = self.server.book
        state = self.STATES[book.get("step", 0)]
        done = state == "succeeded" and not book.get("fails")
        failed = state == "succeeded" and not done
        return {
            **{
                "id": "ftjob-1",
                "object": "fine_tuning.job",
                "created_at": 1,
                "organization_id": "o",
                "result_files": [],
            },
            **{"hyperparameters": {}, "seed": 1, "training_file": "file-1", "validation_file": None},
            "model": book["asked"]["model"] if "asked" in book else "gpt",
            "status": "failed" if failed else state,
            "error": {"code": "bad", "message": "the loss is not finite", "param": None} if failed else None,
            "fine_tuned_model": "ft:gpt:me::1" if done else None,
            "finished_at": 2 if done else None,
            "trained_tokens": 1234 if done else None,
        }


class Ollama(Service):
    """Blobs by digest, and create, which streams what it does."""

    def do_HEAD(self) -> None:
        known = self.path.removeprefix("/api/blobs/") in self.server.book.get("blobs", {})
        self.give(b"", 200 if known else 404)

    def do_POST(self) -> None:
        raw, book = self.read(), self.server.book
        if self.path.startswith("/api/blobs/"):
            digest = self.path.removeprefix("/api/blobs/")
            assert digest == f"sha256:{hashlib.sha256(raw).hexdigest()}"
            book.setdefault("blobs", {})[digest] = raw
            self.give(b"", 201)
            return
        asked = json.loads(raw)
        book["asked"] = asked
        unknown = [digest for digest in asked["adapters"].values() if digest not in book.get("blobs", {})]
        said = [{"error": "unsupported architecture"}] if asked["from"] == "odd" else [{"status": "success"}]
        lines = [{"error": "blob missing"}] if unknown else [{"status": "converting adapter"}, *said]
        self.give("".join(json.dumps(line) + "\n" for line in lines).encode())


@pytest.fixture
def service(request: pytest.FixtureRequest) -> Iterator[Any]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), request.param)
    server.book = {}  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def at_openai(service: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{service.server_port}/v1")
    return service


@pytest.fixture
def at_ollama(service: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{service.server_port}")
    return service


@pytest.fixture
def data(tmp_path: Path) -> Path:
    file = tmp_path / "pairs.jsonl"
    rows = [{"input": f"ticket {n}", "output": "ab"[n % 2], "group": str(n)} for n in range(12)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


@pytest.mark.parametrize("service", [OpenAI], indirect=True)
def test_a_job_from_the_file_to_the_model(at_openai: Any, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tuned(Job(data, "", Order("gpt-base", "desk", 2, 7), pause=0), as_json=False)
    book = at_openai.book
    assert len(book["file"]) == 12
    assert all(set(row) == {"messages"} for row in book["file"])
    assert book["file"][1]["messages"][-1] == {"role": "assistant", "content": "b"}
    assert (book["asked"]["model"], book["asked"]["suffix"], book["asked"]["seed"]) == ("gpt-base", "desk", 7)
    assert book["asked"]["method"] == {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2}}}
    said = capsys.readouterr().out
    assert [line for line in said.splitlines() if line.startswith("step")] == [
        f"step {number}: {state}" for number, state in enumerate(OpenAI.STATES)
    ]
    assert "model ft:gpt:me::1, 1,234 tokens trained" in said
    assert KEY not in said


@pytest.mark.parametrize("service", [OpenAI], indirect=True)
def test_a_job_that_fails_and_one_that_was_started_before(
    at_openai: Any, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at_openai.book["fails"] = True
    with pytest.raises(typer.Exit) as caught:
        tuned(Job(None, "ftjob-1", Order("gpt"), pause=0), as_json=True)
    assert caught.value.exit_code == 1
    assert json.loads(capsys.readouterr().out)["reason"] == "the loss is not finite"
    for job, word in [
        (Job(data, "", Order("nobody"), pause=0), "not available for fine-tuning"),
        (Job(None, "ftjob-2", Order("gpt"), pause=0), "404"),
        (Job(None, "", Order("gpt"), pause=0), "either a file"),
    ]:
        with pytest.raises(UserError, match=word):
            tuned(job, as_json=False)


@pytest.mark.parametrize("service", [OpenAI], indirect=True)
def test_keys_come_from_the_environment_alone(at_openai: Any, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-wrong")
    with pytest.raises(UserError, match="Incorrect API key") as caught:
        tuned(Job(data, "", Order("gpt"), pause=0), as_json=False)
    assert "sk-wrong" not in str(caught.value)
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(UserError, match="OPENAI_API_KEY is not set"):
        tuned(Job(data, "", Order("gpt"), pause=0), as_json=False)


def adapter(folder: Path, kind: str = "LORA") -> Path:
    folder.mkdir(parents=True)
    (folder / "adapter_model.safetensors").write_bytes(b"weights of an adapter")
    (folder / "adapter_config.json").write_text(json.dumps({"peft_type": kind, "base_model_name_or_path": "embedded"}))
    return folder


@pytest.mark.parametrize("service", [Ollama], indirect=True)
def test_an_adapter_becomes_a_model_of_ollama(
    at_ollama: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = adapter(tmp_path / "adapters" / "tickets")
    pushed(tmp_path, "tickets", "desk", "llama3.2", as_json=False)
    asked = at_ollama.book["asked"]
    assert (asked["model"], asked["from"]) == ("desk", "llama3.2")
    blobs = {name: at_ollama.book["blobs"][digest] for name, digest in asked["adapters"].items()}
    assert blobs == {
        name: (folder / name).read_bytes() for name in ("adapter_model.safetensors", "adapter_config.json")
    }
    first = capsys.readouterr().out
    assert "converting adapter" in first
    assert "init_chat_model('ollama:desk')" in first
    pushed(tmp_path, "tickets", "desk", "llama3.2", as_json=False)
    assert "uploading" not in capsys.readouterr().out  # it has them
    with pytest.raises(UserError, match="unsupported architecture"):
        pushed(tmp_path, "tickets", "desk", "odd", as_json=False)
    adapter(tmp_path / "adapters" / "prefix", "PREFIX_TUNING")
    with pytest.raises(UserError, match="method prefix"):
        pushed(tmp_path, "prefix", "desk", "llama3.2", as_json=False)


def test_nobody_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    adapter(tmp_path / "adapters" / "tickets")
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    with pytest.raises(MachineError, match=re.escape("does not answer at http://127.0.0.1:9")) as caught:
        pushed(tmp_path, "tickets", "desk", "llama3.2", as_json=False)
    assert isinstance(caught.value, HarnessError)
    assert caught.value.exit_code == 3


def test_tuning_elsewhere_loads_no_torch() -> None:
    code = (
        "import sys, harness.cli.providing; print([n for n in ('torch', 'transformers', 'openai') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
