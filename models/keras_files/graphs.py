"""A model of Keras's functional kind, where it is a plain line of layers: the list of them."""

from typing import Any

from ...errors import ConfigError

MEND = "a model of lamina's in a file is a line of layers: rebuild it in your script, and load its weights by hand"


def line_of(config: dict[str, Any]) -> list[dict[str, Any]]:
    """The layers' configs from the entrance to the output. Raises ConfigError, naming the layer where they part."""
    layers = {layer["name"] if "name" in layer else layer["config"]["name"]: layer for layer in config["layers"]}
    who = f"Keras's functional model '{config.get('name')}'"
    after: dict[str, str] = {}  # which layer takes the output of which
    entrances = []
    for name, layer in layers.items():
        where, nodes = f"{who}: layer '{name}' ({layer.get('class_name')})", layer.get("inbound_nodes") or []
        if len(nodes) > 1:
            raise ConfigError(where, expected="one use", received=f"{len(nodes)}: it is shared", mend=MEND)
        if not nodes:
            entrances.append(name)
            continue
        sources, rest = _sources(nodes[0])
        if rest:
            raise ConfigError(where, expected="to be called on one input", received=f"{', '.join(rest)} too", mend=MEND)
        if len(sources) != 1:
            raise ConfigError(where, expected="one input", received=f"{len(sources)} of them", mend=MEND)
        source, output = sources[0]
        if output:
            raise ConfigError(where, expected="the one output of a layer", received=f"{source}'s second", mend=MEND)
        if source in after:
            received = f"two: '{after[source]}' and '{name}'"
            raise ConfigError(
                f"{who}: what takes the output of '{source}'", expected="one", received=received, mend=MEND
            )
        after[source] = name
    for what, names in (("inputs", entrances), ("outputs", [name for name in layers if name not in after])):
        if len(names) != 1:
            raise ConfigError(f"{who}: its {what}", expected="one", received=", ".join(names) or "none", mend=MEND)
    line = entrances
    while line[-1] in after and len(line) <= len(layers):
        line.append(after[line[-1]])
    outputs = _histories(config.get("output_layers"))
    if len(line) != len(layers) or [name for name, _ in outputs] != [line[-1]]:
        raise ConfigError(
            f"{who}: its layers", expected="a line, the last of which is the output", received="others", mend=MEND
        )
    return [layers[name] for name in line]


def _sources(node: Any) -> tuple[list[tuple[str, int]], list[str]]:
    """The layers, and which output of each, that a call takes; and what else it is given that has an effect."""
    if isinstance(node, dict):  # Keras 3
        rest = [name for name, value in node.get("kwargs", {}).items() if not _plain(value)]
        args = node["args"]
        found = _tensors(args)
        return found, rest + ["an array"] * (not found and args != [])
    found, rest = [], []
    for name, _, output, *more in node:  # Keras 2
        found.append((name, output))
        rest += [key for given in more for key, value in given.items() if not _plain(value)]
    return found, rest


def _plain(value: Any) -> bool:
    return value is None or value is False


def _tensors(value: Any) -> list[tuple[str, int]]:
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            name, _, output = value["config"]["keras_history"]
            return [(name, output)]
        return [found for inner in value.values() for found in _tensors(inner)]
    return [found for inner in value for found in _tensors(inner)] if isinstance(value, list) else []


def _histories(value: Any) -> list[tuple[str, int]]:
    """The layers of ``["dense", 0, 0]``, or of a list or dict of such."""
    if isinstance(value, list) and len(value) == 3 and isinstance(value[0], str):
        return [(value[0], value[2])]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [found for item in inner for found in _histories(item)]
