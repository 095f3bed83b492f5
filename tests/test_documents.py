"""The documents: what they show runs, says what they say, and leads where they point."""

import doctest
import re
from pathlib import Path

import numpy as np
import pytest

import lamina
from lamina import experiments
from lamina.errors import ConfigError
from lamina.testing import check_layer

ROOT = Path(lamina.__file__).parent
README = (ROOT / "README.md").read_text()
PAGES = sorted(path for folder in ("", "docs", "benchmarks", "datasets/data") for path in (ROOT / folder).glob("*.md"))


def blocks(language: str) -> list[str]:
    """What README shows in a language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_readme_s_script_and_layer_run(capsys):
    lamina.utils.set_random_seed(0)
    script, layer = blocks("python")
    names: dict = {}
    exec(script, names)
    assert names["model"].evaluate(*names["datasets"].digits.load_data()[1], verbose=0)[1] > 0.9
    assert "Evaluate - accuracy" in capsys.readouterr().out
    exec(layer, names)
    check_layer(names["Scale"](), np.random.default_rng(0).normal(size=(3, 4)))


def test_readme_s_experiment_is_read_and_its_mistake_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (text,) = blocks("yaml")
    Path("exp.yaml").write_text(text)
    experiments.load("exp.yaml")
    Path("exp.yaml").write_text(text.replace("{units: 64", "{unit: 64"))
    with pytest.raises(ConfigError) as refused:
        experiments.load("exp.yaml")
    (said,) = re.findall(r"^exp\.yaml:.*$", README, re.MULTILINE)
    assert said in str(refused.value)


def test_the_page_on_backpropagation_runs():
    options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    page = ROOT / "docs" / "backpropagation.md"
    ran = doctest.testfile(str(page), module_relative=False, optionflags=options, encoding="utf-8")
    assert ran.failed == 0 and ran.attempted > 40


def test_the_page_on_keras_s_files_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = ROOT / "docs" / "keras-files.md"
    ran = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert ran.failed == 0 and ran.attempted == 10


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text())
    gone = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert not gone, gone
