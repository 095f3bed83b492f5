"""Model: a layer that can be trained. `compile`, `fit`, `evaluate`, `predict`."""

from collections.abc import Callable
from typing import Any, Unpack

import numpy as np

from ..callbacks.history import History
from ..errors import ArgumentError, StateError
from ..layers.base import Layer, LayerOptions
from ..layers.chain import weights_alone
from ..layers.spec import FUNCTIONAL
from ..layers.states import passing
from ..utils.checks import one_of, positive_int, refusing_unknown, truth
from ..utils.processes import SharedRoom
from ..utils.seeds import next_generator
from . import evaluation, loops
from .admission import admit
from .batches import as_batch
from .compiling import optimizer_of
from .entrance import Takes
from .health import Health
from .objective import Objective
from .overview import Overview
from .passes import Passes
from .sources import as_source
from .step import Step


class Model(Overview):
    """A layer with a training surface: any layer of layers becomes one by having this as its parent.

    A model of your own has layers as attributes, and a `forward` and a `backward` that run them.

    >>> from lamina import Sequential, layers
    >>> model = Sequential([layers.Input((2,)), layers.Dense(1, kernel_initializer="zeros")])
    >>> model.compile("sgd", "mse")
    >>> history = model.fit([[0.0, 1.0], [1.0, 0.0]], [1.0, 1.0], epochs=2, verbose=0, shuffle=False)
    >>> [round(loss, 4) for loss in history.history["loss"]]
    [1.0, 0.9409]
    """

    not_called = Layer.not_called | dict.fromkeys(
        ("train_step", "test_step", "predict_step", "compute_loss", "compute_metrics"),
        (None, "fit has one step for all models: write a Loss, a Metric, a Layer or a Callback of your own"),
    )

    def __new__(cls, *args, **kwargs):
        if cls is Model and (args or "inputs" in kwargs or "outputs" in kwargs):
            raise ArgumentError("Model(inputs, outputs)", mend=FUNCTIONAL)
        return super().__new__(cls, *args, **kwargs)

    def __init__(self, **options: Unpack[LayerOptions]):
        super().__init__(**options)
        self.stop_training = False
        self.optimizer: Any = None
        self.history: Any = None
        self._objective: Objective | None = None
        self._generator = next_generator()  # of the shuffles
        self._shared = SharedRoom()  # for what the processes of a run see alike

    # -- compile
    @refusing_unknown
    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss=None,
        loss_weights=None,
        metrics=None,
        weighted_metrics=None,
        run_eagerly: bool | None = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str = "auto",
        auto_scale_loss: bool = True,
        *,
        on_nonfinite: str = "raise",
    ) -> None:
        """Say what the model is trained for and how.

        Arguments: `optimizer`, `loss` and each of `metrics` and `weighted_metrics` as a name, an instance, a config or
        one of the library's functions, a metric also as a function of your own; `loss_weights`, a factor of the loss.
        A dict ``{output name: ...}`` may hold the one output's, the last layer's name.

        `on_nonfinite`: what happens at the first loss, gradient or weight that is not finite. "raise", a NonFiniteError
        that names the layer, the pass, the epoch and step, and the rows of the batch, before the weights are touched;
        "warn", a warning that says the same, once a `fit`, and on it goes; "off", nothing. Where nothing is trained,
        in `evaluate` or on validation data, "raise" warns too; the outputs of `predict` are left to their reader.

        `run_eagerly`, `steps_per_execution`, `jit_compile` and `auto_scale_loss` tell Keras how to run what is told
        above; they change no number, and here nothing at all: every step is NumPy's, run as it stands.

        Raises OptionError here, not later, for a name that is not known, with the nearest one that is.

        The weights stay what they are; the optimizer begins anew.
        """
        hints = {"run_eagerly": run_eagerly, "jit_compile": jit_compile, "auto_scale_loss": auto_scale_loss}
        for name, hint in hints.items():
            one_of("compile", name, hint, (True, False, None, "auto"))
        positive_int("compile", "steps_per_execution", steps_per_execution)
        self.optimizer = optimizer_of(optimizer, loss)
        health = Health(on_nonfinite)
        self._objective = Objective(loss, metrics, weighted_metrics, loss_weights, self.output_name, health)
        self.loss = loss

    @property
    def compiled(self) -> bool:
        """Whether `compile` was called."""
        return self._objective is not None

    @property
    def output_name(self) -> str:
        """The name of the output: the last layer's."""
        layers = self.layers
        return layers[-1].name if layers else self.name

    def _compiled(self, call: str) -> Objective:
        if self._objective is None:
            raise StateError(
                f"{self.where}: {call} before compile", mend="call model.compile(optimizer, loss, metrics) first"
            )
        if self._objective.loss is None:
            raise StateError(
                f"{self.where}: {call} without a loss", mend='give compile a loss: compile("adam", loss="mse")'
            )
        return self._objective

    # -- training
    @refusing_unknown
    def fit(
        self,
        x=None,
        y=None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: int | str = "auto",
        callbacks=None,
        validation_split: float = 0.0,
        validation_data=None,
        shuffle: bool = True,
        class_weight: dict[int, float] | str | None = None,
        sample_weight=None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
    ) -> History:
        """Train for a number of epochs; gives the `History`, whose `history` holds the values of each epoch.

        Arguments
        - `x`, `y`: arrays ``(samples, ...)``, or what can be read as one (lists, frames, SciPy's sparse matrices,
          memory maps); or `x` alone: a generator of batches ``(x, y)`` or ``(x, y, sample_weight)``, or a
          `utils.PyDataset`.
        - `batch_size`: samples in a step, 32 if not given. `epochs`: counted from `initial_epoch`.
        - `verbose`: 0 for silence, 1 for a bar, 2 for a line an epoch, "auto" for what suits the place.
        - `validation_data`: ``(x, y)`` or ``(x, y, sample_weight)``, a generator or a `PyDataset`; or
          `validation_split`: the share of the samples at the end, taken before any shuffle, that is not trained on.
          `validation_freq`: every how many epochs, or a list of those (counted from 1) after which it is looked at.
        - `shuffle`: whether each epoch has the samples in a new order.
        - `class_weight`: ``{class: weight}``, or "balanced" for samples / (classes · samples of the class), counted in
          what is trained on; of each step where targets have steps. `sample_weight` ``(samples,)`` or
          ``(samples, steps)``. Both multiply. A weight of 2 counts as the sample twice.
        - `steps_per_epoch`: batches in an epoch, where not all; the next epoch goes on from there.

        The loss and metrics of an epoch are means over its batches while the weights change; validation is after it.
        A KeyboardInterrupt leaves a model that can go on; its `history` holds the epochs that are done. A run that is
        killed goes on, bit for bit, with `callbacks.BackupAndRestore`.

        Raises StateError before `compile`; DataError for data that are empty, no numbers, not finite, or labels
        outside the classes; ShapeError for data that do not fit the model, or y that do not fit x or the output.
        """
        return loops.fit(
            self,
            self._compiled("fit"),
            loops.TrainingData(x, y, sample_weight, class_weight, batch_size, shuffle, steps_per_epoch),
            loops.Validation(
                validation_data,
                validation_split,
                validation_steps,
                batch_size if validation_batch_size is None else validation_batch_size,
                validation_freq,
            ),
            loops.Plan(epochs, initial_epoch, verbose, callbacks),
        )

    @refusing_unknown
    def evaluate(
        self,
        x=None,
        y=None,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        sample_weight=None,
        steps: int | None = None,
        callbacks=None,
        return_dict: bool = False,
    ):
        """The loss and metrics on data: a float, a list where there are metrics, or a dict by name."""
        objective, named = self._compiled("evaluate"), truth("evaluate", "return_dict", return_dict)
        source = as_source(x, y, sample_weight, batch_size, self.takes, "evaluate")
        evaluation.evaluate(self, objective, source, steps, verbose, callbacks)
        return evaluation.as_results(objective.results(), named)

    @refusing_unknown
    def predict(
        self, x, batch_size: int | None = None, verbose: int | str = "auto", steps: int | None = None, callbacks=None
    ):
        """The model's output for x, as one array ``(samples, ...)``; run batch by batch, in inference mode."""
        source = as_source(x, None, None, batch_size, self.takes, "predict")
        return evaluation.predict(self, source, steps, verbose, callbacks)

    def train_on_batch(self, x, y=None, sample_weight=None, class_weight=None, return_dict: bool = False):
        """One step on one batch; gives the batch's loss and metrics, taken before the update."""
        objective, named = self._compiled("train_on_batch"), truth("train_on_batch", "return_dict", return_dict)
        objective.reset()
        batch = admit(self, objective, as_batch((x, y, sample_weight), self.takes), class_weight=class_weight)
        self.reset_grad()
        Step(self, objective, Passes(self, threads=1)).train(batch)
        return evaluation.as_results(objective.results(), named)

    def test_on_batch(self, x, y=None, sample_weight=None, return_dict: bool = False):
        """The loss and metrics on one batch."""
        objective, named = self._compiled("test_on_batch"), truth("test_on_batch", "return_dict", return_dict)
        objective.reset()
        batch = admit(self, objective, as_batch((x, y, sample_weight), self.takes))
        passes = Passes(self, threads=1)
        y_pred, mask = passes.forward(batch.x, training=False)
        Step(self, objective, passes).test(batch, y_pred, mask)
        return evaluation.as_results(objective.results(), named)

    def predict_on_batch(self, x) -> np.ndarray:
        """The model's output for one batch."""
        batch = admit(self, None, as_batch((x,), self.takes))
        return np.array(self.run(batch.x, training=False, keep=False)[0])

    # -- passes
    def run(self, x, training: bool = False, mask=None, keep: bool = True):
        """y and its mask; with `keep` False nothing is left for `backward`."""
        with passing(training):
            y = self.forward(x, training)
        if not keep:
            self.forget(activity=False)
        return y, None

    def to_weights(self) -> Callable[[Any], Any]:
        """What hands dy back as far as the weights, looked up once a run: dx of the model is nobody's."""
        return weights_alone(self)

    def _admit_shape(self, shape) -> tuple:
        """The shape of y for this shape of x; the model is built for it if need be."""
        self.ensure_built(shape)
        return self.compute_output_shape((None, *shape[1:]))

    @property
    def shape_to_build(self) -> tuple | None:
        """The shape of x that builds an equal model, if an `Input` within does not say it."""
        return self._built_shape

    @property
    def takes(self) -> Takes:
        """What x may be, as the first layer says."""
        first = self.layers[0] if self.layers else self
        try:
            rank: int | None = len(self.input_shape)
        except StateError:  # it has none yet
            rank = None if first.input_spec is None else first.input_spec.ndim
        return Takes(getattr(first, "takes_text", False), rank)

    # -- its metrics
    @property
    def metrics(self) -> list:
        """The running loss, and the metrics (once the first data have said which they are)."""
        return [self._objective.tracker, *(self._objective.metrics or ())] if self._objective else []

    @property
    def metrics_asked(self) -> list:
        """What `compile` was given as metrics."""
        return [identifier for identifier, _ in self._objective.asked] if self._objective else []

    @property
    def metrics_names(self) -> list[str]:
        """The names under which `evaluate` gives its values."""
        return list(self._objective.results()) if self._objective else []

    def reset_metrics(self) -> None:
        """Let the running loss and metrics begin anew."""
        if self._objective:
            self._objective.reset()

    def get_metrics_result(self) -> dict[str, Any]:
        """The running loss and metrics by name."""
        return self._objective.results() if self._objective else {}
