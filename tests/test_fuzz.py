"""The readers against what nobody wrote by hand: only lamina's own errors come out, and memory stays small.

`fuzz/targets.py` says what is fuzzed; `docs/fuzzing.md` how to do it for longer.
"""

import copy
import json
import sys
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lamina
from lamina.models import saving

sys.path.insert(0, str(Path(__file__).parent / "fuzz"))
import targets

FEW = settings(max_examples=30, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
MANY = settings(FEW, max_examples=60)

JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, -1, 2**31, 2**63, 10**12, 10**30]),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["/etc/passwd", "http://x/y", "../..", "nan", "os.system", "__class__"]),
    st.lists(st.integers(-2, 10**9), max_size=4),
    st.dictionaries(st.sampled_from(["class_name", "config", "module", "x"]), st.text(max_size=8), max_size=3),
)


def places(document, path=()):
    """The path to each value in a document."""
    yield path
    pairs = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in pairs:
        yield from places(value, (*path, key))


def put(document, path, value):
    """A copy of the document with another value at a place."""
    if not path:
        return value
    document = copy.copy(document)
    document[path[0]] = put(document[path[0]], path[1:], value)
    return document


DOCUMENT = json.loads(targets.members()["model.json"])
PLACES = list(places(DOCUMENT))
TABLE = [path for path in PLACES if path[:1] == ("arrays",) and len(path) > 2]
CONFIG = [path for path in PLACES if path[:1] in (("model",), ("compile",))]


def costs_little(target, data):
    """Run a target; it may take a few megabytes, and some times the length of the data."""
    tracemalloc.start()
    try:
        targets.run(target, data)
        assert tracemalloc.get_traced_memory()[1] < 2**26 + 40 * len(data)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", targets.TARGETS)
def test_the_seeds_are_taken(name):
    target, seed = targets.TARGETS[name]
    assert targets.run(target, seed())


@pytest.mark.parametrize("name", targets.TARGETS)
@FEW
@given(data=st.binary(max_size=300))
def test_any_bytes(name, data):
    costs_little(targets.TARGETS[name][0], data)


@pytest.mark.parametrize("name", targets.TARGETS)
@FEW
@given(
    cuts=st.lists(
        st.tuples(st.integers(0, 2**16), st.integers(0, 40), st.binary(max_size=12), st.integers(0, 2**16)),
        min_size=1,
        max_size=4,
    )
)
def test_parts_cut_out_moved_and_put_in(name, cuts):
    target, seed = targets.TARGETS[name]
    data = seed()
    for start, length, new, other in cuts:
        start, other = start % (len(data) + 1), other % (len(data) + 1)
        data = data[:start] + new + data[other : other + length] + data[start + length :]
    costs_little(target, data)


@MANY
@given(changes=st.lists(st.tuples(st.sampled_from(CONFIG), JUNK), min_size=1, max_size=3))
def test_a_config_with_other_values(changes):
    document = DOCUMENT
    for path, value in changes:
        try:
            document = put(document, path, value)
        except (LookupError, TypeError):  # a change before this one took the place away
            continue
    costs_little(targets.model_document, json.dumps(document).encode())


@FEW
@given(path=st.sampled_from(TABLE), value=JUNK)
def test_a_table_of_arrays_with_other_values(path, value):
    costs_little(targets.model_document, json.dumps(put(DOCUMENT, path, value)).encode())


LAYERS = sorted(cls.__name__ for cls in set(lamina.layers.base.registry._classes.values()))
ARGUMENTS = sorted(
    {name for cls in lamina.layers.base.registry._classes.values() for name in lamina.utils.component.parameters(cls)}
)


@MANY
@given(kind=st.sampled_from(LAYERS), data=st.data())
def test_any_layer_with_any_arguments(kind, data):
    known = sorted(lamina.utils.component.parameters(lamina.layers.base.registry.find(kind)))
    config = data.draw(st.dictionaries(st.sampled_from(known or ARGUMENTS), JUNK | st.integers(1, 5), max_size=5))
    layers = DOCUMENT["model"]["config"]["layers"]
    place = data.draw(st.integers(1, len(layers)))
    changed = [*layers[:place], {"class_name": kind, "config": config}, *layers[place:]]
    document = put(DOCUMENT, ("model", "config", "layers"), changed)
    costs_little(targets.model_document, json.dumps(document).encode())


YAML = st.recursive(
    st.sampled_from(
        ["a", "1e-3", "no", "~", "*x", "&x b", "!!str c", "!t d", "'", '"e"', "<<", "? f", ".nan", "\t", "|"]
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(inner, max_size=3).map(lambda items: "&x {" + ", ".join(f"{item}: {item}" for item in items) + "}"),
        st.lists(inner, max_size=3).map(lambda items: "".join(f"\n- {item}" for item in items)),
    ),
    max_leaves=8,
)


@MANY
@given(text=YAML)
def test_yaml(text):
    costs_little(targets.yaml_text, text.encode())


def test_nothing_was_done_to_the_seed():
    assert saving.contents_of(targets.seed_model())[0]["model"]["model"] == DOCUMENT["model"]
