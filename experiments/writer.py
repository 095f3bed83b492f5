"""Settings as YAML text that the reader reads as they were."""

import functools
from typing import Any

from .reader import is_word


def write_text(settings: Any) -> str:
    """The YAML text of settings: mappings in their order, words that look like numbers in quotes.

    >>> print(write_text({"name": "12e03", "rate": 1e-3}), end="")
    name: '12e03'
    rate: 0.001
    """
    import yaml

    return yaml.dump(_bare(settings), Dumper=_dumper(), sort_keys=False)


@functools.cache
def _dumper() -> Any:
    """PyYAML's safe dumper, which quotes by YAML 1.2, as the reader reads, where its own would leave the quotes out."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Writes words."""

    def represent(dumper, text: str):
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if is_word(text) else "'")

    Dumper.add_representer(str, represent)
    return Dumper


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _bare(item) for key, item in value.items()}
    return [_bare(item) for item in value] if isinstance(value, list) else value
