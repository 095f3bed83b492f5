"""A long run, guided by coverage: ``python tests/fuzz/run.py TARGET [options of libFuzzer]``. It needs atheris."""

import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parent))
with atheris.instrument_imports(include=["lamina", "yaml", "json"]):
    import targets


def main() -> None:
    name, *options = sys.argv[1:]
    target, seed = targets.TARGETS[name]
    corpus = Path(".fuzz", name)
    corpus.mkdir(parents=True, exist_ok=True)
    (corpus / "seed").write_bytes(seed())
    limits = ["-rss_limit_mb=2048", "-timeout=60", "-max_len=65536"]
    again = any(Path(option).is_file() for option in options)  # a find to be seen again, and no corpus
    arguments = [sys.argv[0], *([] if again else [str(corpus)]), *limits, *options]
    atheris.Setup(arguments, lambda data: targets.run(target, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
