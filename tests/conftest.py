"""What all tests share: the folder of recorded references on the path, a fixed seed, default settings."""

import sys
from pathlib import Path

import pytest

import lamina

sys.path.insert(0, str(Path(__file__).parent / "references"))


@pytest.fixture(autouse=True)
def clean_settings():
    """Each test begins at seed 0 with the default settings, whatever the one before it set."""
    from lamina.utils.seeds import set_random_seed

    set_random_seed(0)
    yield
    lamina.config.set_floatx("float32")
    lamina.config.set_epsilon(1e-7)
    lamina.config.set_image_data_format("channels_last")
    lamina.config.set_threads(None)
    lamina.config.set_compiled(None)
    lamina.config.set_max_epochs(None)
    lamina.config.set_max_steps_per_epoch(None)
    lamina.config.enable_interactive_logging()


@pytest.fixture
def write(tmp_path):
    """Writes the text of an experiment; gives its path."""

    def written(text, name="exp.yaml"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return written
