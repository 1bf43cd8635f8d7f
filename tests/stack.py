"""The complete store as its own processes: real mosquitto, HQ, gateway and uplink, driven from outside."""

from __future__ import annotations

import atexit
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.cookiejar import CookieJar
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from services.jobs.demo_shop import DEMO_PINS
from tests.ports import free_port
from tests.uplink.mosquitto import Mosquitto
from tests.waits import WAIT_S, until

ROOT = Path(__file__).parents[1]


@dataclass
class Stack:
    """Processes by name: hq, run (the gateway), uplink. Each can be killed and started again."""

    folder: Path
    web_port: int
    broker_port: int
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def database(self) -> Path:
        return self.folder / "var" / "store.db"

    @property
    def hq_database(self) -> Path:
        return self.folder / "var" / "hq" / "hq.db"

    @property
    def config(self) -> Path:
        return self.folder / "gateway.toml"

    def configure(self, head: str = "", tail: str = "") -> None:
        if "[shift]" not in head:  # a test that counts no float is not asked for one
            head += "\n[shift]\nrequired = false"
        self.config.write_text(
            f'{head}\n[data]\ndir = "{self.folder}/var"\n[hq]\ndir = "{self.folder}/var/hq"\n'
            f'[broker]\nhost = "127.0.0.1"\nport = {self.broker_port}\n'
            f"[web]\nport = {self.web_port}\n{tail}",
            "utf-8",
        )

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "device", "--config", str(self.config), *words]

    def start(self, *names: str) -> None:
        for name in names:
            with (self.folder / f"{name}.log").open("ab") as log:
                self.processes[name] = subprocess.Popen(
                    self.command(name), cwd=ROOT, stdout=log, stderr=log, start_new_session=True
                )
        if "run" in names:
            until(self.ready, f"the gateway is ready; see {self.folder}/run.log")

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/api/ready", timeout=1):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        process = self.processes.pop(name)
        process.send_signal(number)
        process.wait(WAIT_S)

    def stop(self) -> None:
        """All at once; each has to end by itself."""
        for process in self.processes.values():
            process.terminate()
        for name in list(self.processes):
            self.processes.pop(name).wait(WAIT_S)

    def rows(self, database: Path, sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=WAIT_S)) as connection:
            return connection.execute(sql).fetchall()


@cache
def demo_shop() -> Path:
    """The data of a new demo shop: made once by the job itself, every store begins with a copy."""
    folder = Path(mkdtemp(prefix="demo-shop-"))
    atexit.register(shutil.rmtree, folder)
    stack = Stack(folder, free_port(), free_port())
    stack.configure()
    subprocess.run(stack.command("job", "demo_shop"), cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return stack.database.parent


@contextmanager
def running(
    folder: Path, head: str = "", tail: str = "", prepare: Callable[[Stack], None] = lambda _: None
) -> Iterator[Stack]:
    """A demo shop with everything running; `head` and `tail` go into its settings file.

    `prepare` may change what is stored before anything starts.
    """
    broker = Mosquitto(folder / "mosquitto").start()
    stack = Stack(folder, free_port(), broker.port)
    stack.configure(head, tail)
    shutil.copytree(demo_shop(), stack.database.parent)
    try:
        prepare(stack)
        stack.start("hq", "run", "uplink")
        yield stack
    finally:
        stack.stop()
        broker.stop()


class Api:
    """A signed-in till without a browser."""

    def __init__(self, stack: Stack, staff_id: str = "zhouting", till: str = "1") -> None:
        self._stack = stack
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._csrf = ""
        answer = self.send(
            "POST", "/api/session", {"staff_id": staff_id, "pin": DEMO_PINS[staff_id], "till": till}
        )
        self._csrf = answer["csrf"]

    def send(self, method: str, path: str, body: Any = None, key: str = "") -> Any:
        """The decoded answer. Raises HTTPError for a refusal; its text is the answer's body."""
        headers = {
            "Origin": self._stack.url,
            "X-CSRF-Token": self._csrf,
            "Content-Type": "application/json",
        }
        if key:
            headers["Idempotency-Key"] = key
        request = urllib.request.Request(
            self._stack.url + path,
            method=method,
            headers=headers,
            data=json.dumps(body).encode() if body is not None else None,
        )
        try:
            with self._opener.open(request, timeout=WAIT_S) as answer:
                text = answer.read()
        except urllib.error.HTTPError as refusal:
            refusal.msg = refusal.read().decode()
            raise
        return json.loads(text) if text else None

    def sell(self, key: str, *skus: str) -> Any:
        """Put articles into the basket and pay exactly, in cash."""
        for n, sku in enumerate(skus):
            basket = self.send("POST", "/api/till/lines", {"sku": sku}, key=f"{key}-{n}")
        return self.pay(basket, key)

    def pay(self, basket: Any, key: str) -> Any:
        tender = {"key": "cash", "amount_minor": basket["total"]["minor"]}
        body = {"basket_id": basket["basket_id"], "version": basket["version"], "tenders": [tender]}
        return self.send("POST", "/api/sales", body, key=key)
