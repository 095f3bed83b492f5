"""How much disk a package and its requirements take, where they are installed."""

import re
from importlib import metadata, util
from pathlib import Path

NOT_SHIPPED = {"tests", "benchmarks", "docs", "examples", "build", "dist", "runs"}


def installed(roots: list[str]) -> float:
    """The MB of these distributions and of all they require, bytecode left out."""
    done: dict[str, int] = {}
    todo = list(roots)
    while todo:
        name = re.sub(r"[-_.]+", "-", todo.pop()).lower()
        if name in done:
            continue
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # required on another system, or by an older Python
        done[name] = editable(name) if is_editable(found) else of_files(found)
        todo += [re.split(r"[\s;<>=!~\[(]", line)[0] for line in found.requires or () if "extra ==" not in line]
    return sum(done.values()) / 1e6


def of_files(found: metadata.Distribution) -> int:
    """The bytes of a distribution's files."""
    paths = (Path(str(file.locate())) for file in found.files or () if file.suffix != ".pyc")
    return sum(path.stat().st_size for path in paths if path.exists())


def is_editable(found: metadata.Distribution) -> bool:
    """Whether a distribution points to a checkout."""
    return '"editable": true' in (found.read_text("direct_url.json") or "")


def editable(name: str) -> int:
    """The bytes of a checkout's package that a wheel would hold."""
    spec = util.find_spec(name)
    if spec is None or spec.origin is None:
        return 0
    root = Path(spec.origin).parent
    tops = {path for path in root.iterdir() if path.name not in NOT_SHIPPED and not path.name.startswith(".")}
    folders = [top for top in tops if (top / "__init__.py").exists()]
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix != ".pyc"] + list(
        root.glob("*.py")
    )
    return sum(path.stat().st_size for path in files if path.is_file())
