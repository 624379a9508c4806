"""A digits classifier as one ``.safetensors`` file: weights and one JSON text, never pickle."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .digits import DigitsClassifier

VERSION = 1
_KIND = "actspec_widgets.DigitsClassifier"
_KEY = "actspec_widgets"  # one metadata entry only: safetensors writes several in no fixed order


def save(model: DigitsClassifier, path: str | os.PathLike[str]) -> None:
    """Write ``model`` to ``path``; a file already there is replaced only when the new one is whole."""
    import safetensors.torch

    target = Path(path)
    text = {"kind": _KIND, "version": VERSION, "settings": model.settings, "report": model.report}
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    data = safetensors.torch.save(weights, metadata={_KEY: json.dumps(text, sort_keys=True)})
    write_whole(target, data)


def write_whole(target: Path, data: bytes) -> None:
    """Write a file so that there is the old one or the new one, never a part."""
    handle, partial = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(partial, 0o644)  # mkstemp makes it private
        os.replace(partial, target)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def load(path: str | os.PathLike[str]) -> DigitsClassifier:
    """The classifier saved at ``path``."""
    import safetensors

    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}; give the path of a file written by DigitsClassifier.save")
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            weights = {name: file.get_tensor(name) for name in file.keys()}
    except Exception as error:  # SafetensorError, and OSError where the file cannot be mapped
        raise _unreadable(path, error) from error
    try:
        text = json.loads(metadata.get(_KEY, "null"))
        kind, version = (text["kind"], text["version"]) if isinstance(text, dict) else (None, None)
    except (ValueError, KeyError) as error:
        raise _unreadable(path, error) from error
    if kind != _KIND:
        raise ValueError(
            f"{path} is a safetensors file of another kind, not a digits classifier; give one written by "
            "DigitsClassifier.save"
        )
    if version != VERSION:
        raise ValueError(
            f"{path} is of version {version!r}, this release reads version {VERSION}; update actspec_widgets to open it"
        )
    return _build(path, text, weights)


def family_classifier(dropout: float = 0.0, seed: int = 0) -> DigitsClassifier:
    """A classifier of the bundled family as a torch model, in evaluation mode; its report holds the accuracies.

    Raises
    ------
    ValueError
        If the family has none of that rate and seed.

    Examples
    --------
    >>> family_classifier(0.5).settings["dropout"]
    0.5
    """
    import torch

    from ..datasets import load_digits_family
    from .digits import DigitsClassifier

    family = load_digits_family()
    member = family.member(dropout, seed)
    model = DigitsClassifier(family.hidden, member.dropout, seed=member.seed)
    model.load_state_dict({name: torch.tensor(array) for name, array in member.weights.items()})
    model.report = {**family.recipe, "train_accuracy": member.train_accuracy, "test_accuracy": member.accuracy}
    return model.eval()


def _build(path: Path, text: dict[str, Any], weights: dict[str, Any]) -> DigitsClassifier:
    from .digits import DigitsClassifier

    try:
        settings = dict(text["settings"])
        model = DigitsClassifier(
            hidden=tuple(settings["hidden"]),
            dropout=settings["dropout"],
            input_dropout=settings["input_dropout"],
            seed=settings["seed"],
        )
        model.load_state_dict(weights)
        model.report = dict(text["report"])
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise _unreadable(path, error) from error
    return model.eval()


def _unreadable(path, error):
    return ValueError(
        f"{path} cannot be read as a digits classifier ({type(error).__name__}): it is truncated, damaged or of "
        "another kind; save it again, or copy it again from its source"
    )
