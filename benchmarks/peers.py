"""The peers: where each is installed, and its process, which runs only while it is its turn."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parents[1]
# the checkout comes last: a folder of ours named `utils` must not hide anybody's module of that name
START = f"import sys; sys.path.append({str(CHECKOUT)!r}); from benchmarks.child import main; main(sys.argv[1:])"


@dataclass(frozen=True)
class Peer:
    """A library that trains the workloads."""

    name: str
    needs: tuple[str, ...]  # modules that must be there
    distributions: tuple[str, ...]
    backend: str = ""  # Keras's
    compiled: bool = False  # whether it is lamina with its compiled kernels
    color: str = "#888888"


PEERS = {
    peer.name: peer
    for peer in (
        Peer("lamina", ("lamina",), ("lamina",), color="#d1495b"),
        Peer("lamina-compiled", ("lamina", "numba"), ("lamina", "numba"), compiled=True, color="#e8a0aa"),
        Peer("keras-tensorflow", ("keras", "tensorflow"), ("keras", "tensorflow-cpu"), "tensorflow", color="#edae49"),
        Peer("keras-jax", ("keras", "jax"), ("keras", "jax"), "jax", color="#00798c"),
        Peer("keras-torch", ("keras", "torch"), ("keras", "torch"), "torch", color="#8d6a9f"),
        Peer("torch", ("torch",), ("torch",), color="#30638e"),
        Peer("torch-tuned", ("torch",), ("torch",), color="#7aa6c2"),
        Peer("torch-compile", ("torch",), ("torch",), color="#b8cbd8"),
    )
}
OURS = [name for name in PEERS if name.startswith("lamina")]  # the others are what it is compared with
USUAL = [name for name in PEERS if name != "torch-compile"]


@dataclass(frozen=True)
class Settings:
    """What all peers are given alike."""

    threads: int
    seconds: float
    clock: str
    pythons: dict[str, str]

    def environment(self, peer: Peer) -> dict[str, str]:
        """The environment of a peer's process: equal threads for every pool there is."""
        names = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
        count = str(self.threads)
        pools = {f"{name}_NUM_THREADS": count for name in names} | {"TF_NUM_INTRAOP_THREADS": count}
        quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "1", "JAX_PLATFORMS": "cpu"}
        quiet |= {"PYTHONDONTWRITEBYTECODE": ""}  # a checkout keeps its bytecode, as what is installed does
        quiet |= {"LAMINA_COMPILED": str(int(peer.compiled))}
        return os.environ | pools | quiet | ({"KERAS_BACKEND": peer.backend} if peer.backend else {})

    def python(self, peer: Peer) -> str:
        """The interpreter of the environment that a peer is installed in."""
        return self.pythons.get(peer.name, sys.executable)

    def command(self, peer: Peer, *arguments: str) -> list[str]:
        """What starts a peer's process."""
        return [self.python(peer), "-P", "-c", START, arguments[0], peer.name, *arguments[1:]]

    def pin(self) -> None:
        """Keep this process to as many cores as there are threads, where the system knows how to."""
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: self.threads])

    def ask(self, peer: Peer, *arguments: str) -> str:
        """What a process of its own prints for this order."""
        ran = subprocess.run(
            self.command(peer, *arguments),
            env=self.environment(peer), cwd=tempfile.gettempdir(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if ran.returncode:
            raise RuntimeError(f"{peer.name}: {ran.stderr[-2000:]}")
        return ran.stdout.strip()

    def installed(self, peer: Peer) -> bool:
        """Whether a peer's modules are there."""
        code = f"from importlib.util import find_spec; print(all(map(find_spec, {peer.needs!r})))"
        try:
            ran = subprocess.run(
                [self.python(peer), "-P", "-c", code],
                cwd=tempfile.gettempdir(), capture_output=True, text=True, check=False,
            )  # fmt: skip
        except OSError:
            return False
        return ran.stdout.strip() == "True"


class Process:
    """A peer's process with one workload's model; it is stopped but while it answers, so none disturbs another."""

    def __init__(self, peer: Peer, workload: str, settings: Settings):
        self.peer, self.errors = peer, tempfile.TemporaryFile("w+")  # noqa: SIM115  closed on exit
        self.process = subprocess.Popen(
            settings.command(peer, "serve", workload, str(settings.threads), str(settings.seconds), settings.clock),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True,
            env=settings.environment(peer), cwd=tempfile.gettempdir(),
            process_group=0 if os.name == "posix" else None,  # should we die, the system ends or wakes a stopped group
        )  # fmt: skip
        try:
            self.about = self._answer()
        except RuntimeError:
            self.close()
            raise

    def _answer(self) -> Any:
        line = self.process.stdout.readline()  # type: ignore[union-attr]
        if not line:
            self.errors.seek(0)
            raise RuntimeError(f"{self.peer.name} ended:\n{self.errors.read()[-3000:]}")
        self._signal("SIGSTOP")
        return json.loads(line)

    def _signal(self, name: str) -> None:
        if hasattr(signal, name):  # elsewhere it waits for its next order, which is nearly as quiet
            self.process.send_signal(getattr(signal, name))

    def ask(self, order: str) -> Any:
        """Let the process run until it has answered."""
        self._signal("SIGCONT")
        self.process.stdin.write(json.dumps(order) + "\n")  # type: ignore[union-attr]
        self.process.stdin.flush()  # type: ignore[union-attr]
        return self._answer()

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.communicate()
        self.errors.close()
