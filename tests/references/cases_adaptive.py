"""Cases of adaptive pooling: see `record_layers.py` for the format."""

END = [["Flatten", {}], ["Dense", {"units": 2}]]
SHAPES = {1: [3, 7, 2], 2: [2, 5, 7, 2], 3: [2, 3, 5, 4, 2]}
SIZES = {1: 3, 2: [2, 5], 3: [2, 3, 2]}

CASES = {
    **{
        f"{kind}{n}d": {
            "layers": [[f"Adaptive{kind}Pooling{n}D", {"output_size": SIZES[n]}], *END],
            "input": SHAPES[n],
            "optimizer": ["SGD", {"learning_rate": 0.05}],
        }
        for kind in ("Average", "Max")
        for n in (1, 2, 3)
    },
    **{
        f"{kind}_divides": {"layers": [[f"Adaptive{kind}Pooling2D", {"output_size": 2}], *END], "input": [2, 4, 6, 2]}
        for kind in ("Average", "Max")
    },
    **{
        f"{kind}_larger": {
            "layers": [[f"Adaptive{kind}Pooling2D", {"output_size": [5, 3]}], *END],
            "input": [2, 3, 3, 2],
            "optimizer": ["SGD", {"learning_rate": 0.05}],
        }
        for kind in ("Average", "Max")
    },
    "Max_of_ties": {
        "layers": [
            ["Dense", {"units": 2, "activation": "relu"}],
            ["AdaptiveMaxPooling2D", {"output_size": [2, 3]}],
            *END,
        ],
        "input": [2, 5, 4, 2],
    },
}
