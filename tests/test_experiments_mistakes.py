"""Mistakes in an experiment: each is said with its place, all at once, and none as a trace."""

import pytest

import lamina
from lamina.errors import ConfigError
from lamina.experiments import load
from lamina.utils import seeds

GOOD = """\
seed: 3
data:
  dataset: {iris: {test_split: 0.2}}
  standardize: true
model:
  - Input: {shape: [4]}
  - Dense: {units: 16, activation: relu, kernel_regularizer: {L2: {l2: 1e-4}}}
  - Dense: {units: 3, activation: softmax}
compile:
  optimizer: {Adam: {learning_rate: 1e-2}}
  loss: sparse_categorical_crossentropy
  metrics: [accuracy]
fit:
  epochs: 5
  callbacks:
    - EarlyStopping: {monitor: loss, patience: 3}
"""


@pytest.fixture
def write(tmp_path):
    def written(text, name="exp.yaml"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return written


def refused(write, *changes: tuple[str, str]) -> str:
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    with pytest.raises(ConfigError) as error:
        load(write(text))
    return str(error.value)


LAYER, OPTIMIZER = (
    "Dense: {units: 16, activation: relu, kernel_regularizer: {L2: {l2: 1e-4}}}",
    "{Adam: {learning_rate: 1e-2}}",
)
CALLBACK = "EarlyStopping: {monitor: loss, patience: 3}"


class TestArguments:
    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            (LAYER, "Dense", "exp.yaml:7:5: Dense needs 'units'"),
            (LAYER, "Dense: {activation: relu}", "exp.yaml:7:5: Dense needs 'units'"),
            (LAYER, "Conv2D: {filters: 3}", "exp.yaml:7:5: Conv2D needs 'kernel_size'"),
            (LAYER, "Conv2D", "exp.yaml:7:5: Conv2D needs 'filters' and 'kernel_size'"),
            (LAYER, "Bidirectional", "exp.yaml:7:5: Bidirectional needs 'layer'"),
            (LAYER, "Bidirectional: {layer: {lstm: {}}}", "exp.yaml:7:21: lstm needs 'units'"),
            (LAYER, "Dense: 8", "write `Dense: {units: 8}`"),
            (OPTIMIZER, "{Adam: {learning_rate: {CosineDecay: {decay_steps: 3}}}}", "exp.yaml:10:22: CosineDecay needs 'initial_learning_rate'"),
            ("[accuracy]", "[{PrecisionAtRecall: {}}]", "exp.yaml:12:13: PrecisionAtRecall needs 'recall'"),
            (CALLBACK, "ModelCheckpoint", "exp.yaml:16:7: ModelCheckpoint needs 'filepath'"),
            ("units: 16", "units: -8", "exp.yaml:7:13: Dense(units=...): expected a whole number of 1 or more, received -8"),
            ("1e-2", "x", "exp.yaml:10:22: Adam(learning_rate=...): expected a number from 0"),
            ("activation: relu", "activation: rleu", "exp.yaml:7:24: unknown activation 'rleu': did you mean 'relu'?"),
            ("activation: relu", "activation: {rleu: {}}", "exp.yaml:7:24: unknown activation 'rleu': did you mean 'relu'?"),
            ("[accuracy]", "[{SparseTopKCategoricalAccuracy: {k: x}}]", "exp.yaml:12:46: SparseTopKCategoricalAccuracy(k=...): expected"),
            ("{L2: {l2: 1e-4}}", "{L2: 0.1}", "exp.yaml:7:42: L2 takes its arguments by name: write `L2: {l2: 0.1}`"),
            ("{L2: {l2: 1e-4}}", "{l1: 1, l2: 2}", "exp.yaml:7:42: {'l1': 1, 'l2': 2} is no regularizer: write `Name`"),
            ("optimizer: {Adam: {learning_rate: 1e-2}}", "optimizer: 3", "exp.yaml:10:3: 3 is no optimizer: write `Name`"),
            (CALLBACK, "LearningRateScheduler: {schedule: 3}", "exp.yaml:16:7: LearningRateScheduler can't be made so: TypeError: 3 is not"),
            (CALLBACK, "ModelCheckpoint: {filepath: 5}", "exp.yaml:16:7: ModelCheckpoint can't be made so: TypeError: expected str"),
            ("  loss: sparse_categorical_crossentropy\n", "", "exp.yaml:9:1: compile needs 'loss'"),
            ("epochs: 5", 'epochs: "3"', "exp.yaml:14:3: fit(epochs=...): expected a whole number of 0 or more, received '3'"),
            ("epochs: 5", "epochs:", "exp.yaml:14:3: fit(epochs=...): expected a whole number of 0 or more, received None"),
            ("epochs: 5", "epochs: -1", "fit(epochs=...): expected a whole number of 0 or more, received -1"),
            ("epochs: 5", "steps_per_epoch: x", "exp.yaml:14:3: fit(steps_per_epoch=...): expected a whole number of 1 or more, received 'x'"),
            ("epochs: 5", "validation_steps: x", "exp.yaml:14:3: fit(validation_steps=...): expected"),
            ("epochs: 5", "batch_size: 0", "exp.yaml:14:3: fit(batch_size=...): expected a whole number of 1 or more, received 0"),
            ("epochs: 5", "validation_split: 1", "exp.yaml:14:3: fit(validation_split=...): expected a number from 0 to below 1"),
            ("epochs: 5", "verbose: loud", "exp.yaml:14:3: fit(verbose=...): expected one of 0, 1, 2, 'auto', received 'loud'"),
            ("epochs: 5", "shuffle: batch", "exp.yaml:14:3: fit(shuffle=...): expected one of True, False"),
            ("seed: 3", "name: [a]", "exp.yaml:1:1: name must be a word, received ['a']"),
        ],
    )  # fmt: skip
    def test_a_mistake_is_said_with_its_place(self, write, old, new, said):
        assert said in refused(write, (old, new))

    def test_wrong_values_are_said_at_once(self, write):
        said = refused(
            write, ("units: 16", "units: -8"), ("units: 3", "units: 2.5"), ("1e-2", "x"), ("epochs: 5", "epochs: x")
        )
        assert [line.split(":")[1:3] for line in said.splitlines()[1:]] == [
            ["7", "13"],
            ["8", "13"],
            ["10", "22"],
            ["14", "3"],
        ]
        assert said.endswith("received 'x'.")

    def test_a_message_ends_once(self, write):
        assert refused(write, ("units: 16", "unit: 16")).endswith("Dense has no key 'unit': did you mean 'units'?")
        experiment = load(write(GOOD.replace("- Dense: {units: 3", "- Permute: {dims: [2, 1]}\n  - Dense: {units: 3")))
        with pytest.raises(ConfigError) as error:
            experiment.build()
        assert ".." not in str(error.value).replace("...", "") and "?." not in str(error.value)

    def test_looking_draws_no_random_numbers(self, write):
        path = write(GOOD.replace(LAYER, f"{LAYER}\n  - Dropout: {{rate: 0.5}}"))
        seeds.set_random_seed(1)
        load(path)
        drawn = seeds.next_generator().random()
        seeds.set_random_seed(1)
        assert drawn == seeds.next_generator().random()

    def test_short_forms_within_others(self, write):
        text = GOOD.replace("activation: relu", "activation: {leaky_relu: {negative_slope: 0.1}}")
        text = text.replace("{L2: {l2: 1e-4}}", "{l2: {l2: 1e-4}}")
        text = text.replace("1e-2}", "{cosine_decay: {initial_learning_rate: 1e-2, decay_steps: 9}}}")
        text = text.replace(
            "  - Dense",
            "  - Reshape: {target_shape: [4, 1]}\n  - Bidirectional: {layer: {lstm: {units: 2}}}\n  - Dense",
            1,
        )
        model = load(write(text)).build()
        assert model.layers[1].forward_layer.units == 2
        assert model.layers[2].activation.negative_slope == 0.1 and model.layers[2].kernel_regularizer.l2 == 1e-4
        assert isinstance(model.optimizer._given["learning_rate"], dict | lamina.optimizers.schedules.CosineDecay)
