"""The wheel: built, installed in a fresh environment away from the checkout, and trained with."""

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

import lamina

ROOT = Path(lamina.__file__).parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of the checkout, built by the tools at hand without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for name in listed:
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, source],
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {"lamina", f"lamina-{lamina.__version__}.dist-info"}
    inside = {name.split("/")[1] for name in names if name.startswith("lamina/")}
    assert not inside & {"tests", "benchmarks", "docs", "examples"}
    assert {"lamina/py.typed", "lamina/configs/digits_mlp.yaml", "lamina/layers/dense.py"} <= set(names)
    packaged = {name.rsplit("/", 1)[0].replace("/", ".") for name in names if name.endswith(".py")}
    folders = {".".join(("lamina", *path.parent.relative_to(ROOT).parts)) for path in ROOT.rglob("__init__.py")}
    left_out = {
        name
        for name in folders
        if name.split(".")[1:2] and name.split(".")[1] in (".venv", "tests", "benchmarks", "build", "examples")
    }
    assert packaged == {name for name in folders - left_out if not name.startswith("lamina..")}


def test_the_wheel_trains_away_from_the_checkout(wheel, tmp_path):
    venv.create(tmp_path / "env", with_pip=False, system_site_packages=False)
    python = tmp_path / "env" / "bin" / "python"
    site = next((tmp_path / "env" / "lib").glob("python*/site-packages"))
    zipfile.ZipFile(wheel).extractall(site)
    (site / "dependencies.pth").write_text(
        "\n".join(sorted({str(Path(module.__file__).parents[1]) for module in dependencies()}))
    )
    ran = subprocess.run(
        [python, "-I", "-m", "lamina", "train", "digits_mlp.yaml", "--set", "fit.epochs=2", "--out", "out"],
        capture_output=True, text=True, cwd=tmp_path,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert "Results: out" in ran.stdout and (tmp_path / "out" / "results.json").exists()
    where = subprocess.run(
        [python, "-I", "-c", "import lamina; print(lamina.__file__)"], capture_output=True, text=True, check=True
    )
    assert where.stdout.startswith(str(site))


def dependencies():
    import numpy
    import scipy
    import threadpoolctl
    import tqdm
    import yaml

    return [numpy, scipy, threadpoolctl, tqdm, yaml]
