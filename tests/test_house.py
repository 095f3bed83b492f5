"""The house: what may import what, what `import lamina` loads, how long files are, how everything is documented."""

import ast
import doctest
import inspect
import pkgutil
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import lamina

ROOT = Path(lamina.__file__).parent
FLOORS = [
    {"errors", "config", "utils"},
    {"activations", "initializers", "regularizers", "constraints", "ops", "datasets", "backend", "preprocessing"},
    {"layers"},
    {"losses", "metrics", "optimizers"},
    {"models", "callbacks"},
    {"testing", "saving"},
    {"experiments"},
    {"configs"},
    {"__main__", ""},
]
HEIGHT = {name: height for height, floor in enumerate(FLOORS) for name in floor}
# what the floors of a later rung may not reach, though they stand lower
BLIND = {("losses", "layers"), ("metrics", "layers"), ("optimizers", "layers")}
SOURCES = sorted(
    path
    for path in ROOT.rglob("*.py")
    if not {"tests", "build", "benchmarks"} & set(path.relative_to(ROOT).parts)
    and not path.relative_to(ROOT).parts[0].startswith(".")
)


def space(path: Path) -> str:
    first = path.relative_to(ROOT).parts[0]
    return "" if first == "__init__.py" else first.removesuffix(".py")


def imports(path: Path) -> set[str]:
    """The namespaces of lamina that a file imports from."""
    package = list(path.relative_to(ROOT).parts[:-1])
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            parts = base + (node.module.split(".") if node.module else [])
            found |= {parts[0]} if parts else {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "lamina":
            pytest.fail(f"{path.relative_to(ROOT)} imports lamina by name; inside the package imports are relative")
    return found - {space(path)}


def test_each_namespace_has_its_floor():
    spaces = {space(path) for path in SOURCES}
    assert spaces <= set(HEIGHT), f"no floor for {spaces - set(HEIGHT)}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_only_what_lies_below(path):
    mine = space(path)
    for other in imports(path):
        assert HEIGHT[other] <= HEIGHT[mine], f"{mine} imports {other}, which lies above it"
        assert (mine, other) not in BLIND, f"{mine} knows no {other}"


def test_namespaces_on_one_floor_make_no_circle():
    edges: dict[str, set[str]] = {}
    for path in SOURCES:
        edges.setdefault(space(path), set()).update(imports(path))

    def reach(start: str) -> set[str]:
        found, todo = set(), [start]
        while todo:
            for other in edges.get(todo.pop(), ()):
                if other not in found:
                    found.add(other)
                    todo.append(other)
        return found

    circles = {name for name in edges if name in reach(name)}
    assert not circles, f"circles through {sorted(circles)}"


def test_no_name_hides_a_module_of_the_standard_library():
    names = {path.name.removesuffix(".py") for path in ROOT.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert not names & (set(sys.stdlib_module_names) - {"__main__"})


def test_import_is_light():
    """`import lamina` loads NumPy, itself, and of the rest only the standard library."""
    code = "import numpy, numpy.random, sys; before = set(sys.modules); import lamina; print(*sorted(set(sys.modules) - before))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/"
    ).stdout.split()
    tops = {name.split(".")[0] for name in loaded}
    assert tops - set(sys.stdlib_module_names) <= {"lamina", "numpy"}, tops
    heavy = {
        "scipy",
        "tqdm",
        "yaml",
        "urllib",
        "http",
        "ssl",
        "asyncio",
        "multiprocessing",
        "unittest",
        "email",
        "tarfile",
    }
    assert not tops & heavy, tops & heavy
    others = [name for name in loaded if not name.startswith("lamina")]
    assert len(others) < 40, others


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_stay_short(path):
    lines = len(path.read_text().splitlines())
    assert lines <= (250 if path == ROOT / "layers" / "base.py" else 300), f"{lines} lines"


def modules() -> list[str]:
    return [
        "lamina",
        *(
            info.name
            for info in pkgutil.walk_packages(lamina.__path__, "lamina.")
            if ".tests" not in info.name and "benchmarks" not in info.name
        ),
    ]


@pytest.mark.parametrize("name", modules())
def test_everything_public_is_documented(name):
    module = import_module(name)
    assert module.__doc__, f"{name} has no docstring"
    for public in (item for item in vars(module).values() if getattr(item, "__module__", None) == name):
        if not inspect.isclass(public) and not inspect.isfunction(public):
            continue
        if public.__name__.startswith("_"):
            continue
        assert inspect.getdoc(public), f"{name}.{public.__name__} has no docstring"
        if inspect.isclass(public):
            for method in vars(public):
                target = inspect.getattr_static(public, method)
                if not method.startswith("_") and (inspect.isfunction(target) or isinstance(target, property)):
                    assert inspect.getdoc(getattr(public, method)), (
                        f"{name}.{public.__name__}.{method} has no docstring"
                    )


@pytest.mark.parametrize("name", [name for name in modules() if not name.endswith("__main__")])
def test_the_examples_in_docstrings_run(name):
    module = import_module(name)
    names = vars(module) | {"np": np, "lamina": lamina}
    assert doctest.testmod(module, extraglobs=names, optionflags=doctest.NORMALIZE_WHITESPACE).failed == 0


def test_the_changelog_speaks_of_this_version():
    assert f'version = "{lamina.__version__}"' in (ROOT / "pyproject.toml").read_text()
    text = (ROOT / "CHANGELOG.md").read_text()
    assert re.search(rf"^## {re.escape(lamina.__version__)}", text, re.MULTILINE)
