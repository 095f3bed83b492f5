"""An experiment that is right, for tests to run and to spoil."""

CALLBACK = "EarlyStopping: {monitor: loss, patience: 3}"
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
