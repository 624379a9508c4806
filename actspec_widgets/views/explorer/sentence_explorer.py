"""A sentence whose words one drops: what a network says, which words act together, and the exact spectrum."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from traitlets import Bytes, Dict, Float, Int, List, TraitError, Unicode, observe, validate

from ...datasets import load_sentence_example, load_sentiment_example
from ...datasets.sentence_example import ENCODER, TRANSFORMER
from ...progress import Cancelled
from ..kit.banner import sentence as error_sentence
from ..kit.heard import Heard, page_code
from ..kit.one_thread import running_loop
from ..kit.pictured import Pictured
from ..kit.theme import DEGREES, degree_class
from ..kit.words import capital, tidy
from .exact_sentence import MOST_WORDS, ExactSentence, Query, of_texts, read_all, split
from .sentence_picture import sentence_svg

_HERE = Path(__file__).parent / "js"
_SIZES = "\n".join(f".actspec-size-{k} {{ --size: {style.colour}; }}" for k, style in enumerate(DEGREES))
Reader = Callable[[str], Query]  # a text -> what is said of it by which of its words are there
_REFRESH = 0.1  # seconds between two reports of how much is read


class SentenceExplorer(Pictured, Heard):
    """One sentence as words to click away, what a network says of what is left, and which words act together.

    Every way to drop some of the words is read, so the spectrum is exact: no sampling, no error. Without arguments it
    opens twenty sentences whose answers ship with the package, by a sentence encoder with a probe and by a small
    transformer; the transformer also reads any sentence that one types (with torch), and so does the encoder where its
    files are on this machine.

    Parameters
    ----------
    text : str, optional
        A sentence of 1 to 16 words. Default: the first of the twenty.
    model : callable or network, optional
        What reads texts: a function of a list of k texts -> k numbers, or a torch network with one output and a method
        ``tokens(texts)``, such as a :class:`~actspec_widgets.networks.SentenceEncoder`.
    network : str, optional
        Which of the two networks that ship: "sentence encoder" (default) or "small transformer". With ``model`` what
        to call yours.
    unit : str
        What one word is called: "word", or "switch" where the text names switches.
    target : str
        What the number is called.
    poles : (str, str)
        What it means below and above 0.

    Attributes
    ----------
    text, network : str
        What is shown; :meth:`show` changes them.
    exact : ExactSentence
        ``.words``, ``.answers`` (bit i of the index drops word i), ``.f_hat``, ``.joint_share``.
    off : list of int
        Words that are dropped now; can be set.
    selected : list of int
        The subset that is looked at; can be set.

    Raises
    ------
    ValueError
        If the text has no word or too many, or the network cannot read it.

    Examples
    --------
    >>> explorer = SentenceExplorer("this is not a bad film")
    >>> explorer.sentence()[:41]
    'These words act together: {not, bad} +1.3'
    >>> lamp = SentenceExplorer("upstairs downstairs", lambda texts: [1.0 - 2 * (len(t.split()) == 1) for t in texts])
    >>> lamp.exact.joint_share
    1.0
    """

    _esm = page_code(_HERE / "sentence.js")
    _css = _SIZES + "\n" + (_HERE / "sentence.css").read_text(encoding="utf-8")
    content: Any = Dict().tag(sync=True)
    answers: Any = Bytes(b"").tag(sync=True)  # float32, one for each way to drop words
    off: Any = List(Int()).tag(sync=True)
    selected: Any = List(Int()).tag(sync=True)
    asked: Any = Dict().tag(sync=True)  # by the page: a text and a network, or to stop
    progress = Float(-1.0).tag(sync=True)  # of what is being read; below 0 where nothing is
    error = Unicode("").tag(sync=True)
    _turn, _told = 0, 0.0  # counts what was asked for; when the page was last told how much is read

    def __init__(
        self,
        text: str | None = None,
        model: Any = None,
        *,
        network: str | None = None,
        unit: str = "word",
        target: str = "logit",
        poles: Sequence[str] = ("blame", "praise"),
    ):
        self._readers: dict[str, Callable[[], Reader]] = {ENCODER: _encoder, TRANSFORMER: _transformer}
        self._shipped = load_sentence_example() if model is None else None
        if model is not None:
            network = network or "network"
            if not callable(model):
                raise ValueError(
                    f"model is a {type(model).__name__}; give a function of a list of texts -> one number for each"
                )
            reader = _network(model) if hasattr(model, "tokens") else lambda text: of_texts(model, split(text))
            self._readers = {network: lambda: reader}
            if text is None:
                raise ValueError("there is no sentence to read; give one beside the model")
        self._unit, self._target, self._poles = unit, target, tuple(poles)
        self._task: asyncio.Task | None = None
        self._live: dict[str, Reader] = {}
        self.text, self.network = "", ""
        super().__init__()
        self.show(text if text is not None else self._texts[0], network or ENCODER)

    @property
    def _texts(self):
        return self._shipped.texts if self._shipped is not None else ()

    @property
    def logit(self) -> float:
        """What the network says with the words in ``off`` dropped."""
        return float(self.exact.answers[sum(1 << i for i in self.off)])

    def show(self, text: str, network: str | None = None) -> None:
        """Read another sentence, or the same by another network, and show it.

        Raises
        ------
        ValueError
            As the class does; what was shown stays.
        """
        self._turn += 1  # what the page asked for before is given up
        self._deliver(*self._read(text, network or self.network, None))

    def sentence(self) -> str:
        """The headline: which words act together, and how much of the whole that is."""
        return self.content["headline"]

    def picture(self) -> str:
        """The sentence, its arcs and its bars as SVG, whole: no word dropped."""
        below = f"{self._name()} on “{self.text}”: {self._target} {self.exact.answers[0]:+.2f}".replace("-", "−")
        return sentence_svg(self.exact, self.sentence(), below)

    def code(self) -> str:
        """The lines that show the same."""
        if self._shipped is None:
            return f"SentenceExplorer({self.text!r}, model)"
        return f"SentenceExplorer({self.text!r}, network={self.network!r})"

    def close(self) -> None:
        self._turn += 1
        self.send_what_waits()
        super().close()

    # Reading.

    def _read(self, text, network, progress):
        """The words and answers of a text, from the file where they ship, else from the network itself."""
        if not isinstance(text, str):
            raise ValueError(f"the sentence is a {type(text).__name__}; give a text of 1 to {MOST_WORDS} words")
        if network not in self._readers:
            raise ValueError(f"there is no network {network!r}; choose {' or '.join(map(repr, self._readers))}")
        words = split(text)
        text = " ".join(words)
        answers = None if self._shipped is None else self._shipped.answer(network, text)
        if answers is None:
            answers = read_all(self._reader(network)(text), len(words), progress)
        return text, network, ExactSentence(words, answers, self._unit)

    def _reader(self, network):
        if network not in self._live:
            self._live[network] = self._readers[network]()
        return self._live[network]

    def _name(self):
        return capital(self.network)

    def _deliver(self, text, network, exact):
        self.text, self.network, self.exact = text, network, exact
        rows = [
            {
                "subset": list(subset), "value": value, "name": exact.name(subset), "style": degree_class(len(subset)),
                "outline": DEGREES[degree_class(len(subset))].outline, "said": exact.said(subset, value, self._target),
            }
            for subset, value in exact.shown
        ]  # fmt: skip
        chosen = exact.joint or exact.shown
        with self.hold_sync():
            self.error, self.progress = "", -1.0
            self.off = []
            self.answers = exact.answers.astype(np.float32).tobytes()
            self.content = {
                "text": text, "network": network, "texts": list(self._texts), "networks": list(self._readers),
                "words": [tidy(word, 60) for word in exact.words],
                "rows": rows, "headline": exact.headline(network), "unit": self._unit,
                "basis": exact.basis(text, self._target), "rest": exact.rest(), "target": self._target,
                "poles": list(self._poles), "range": [float(exact.answers.min()), float(exact.answers.max())],
                "bars": f"Largest coefficients of the {self._target}; Enter says more of one",
            }  # fmt: skip
            self.selected = list(chosen[0][0]) if chosen else []
        self.refresh_pictures()

    @validate("off", "selected")
    def _known_words(self, proposal):
        value = proposal["value"]
        n = len(self.content.get("words", ()))
        if sorted(set(value)) != list(value) or any(not 0 <= i < n for i in value):
            raise TraitError(f"{proposal['trait'].name}={list(value)} must be rising word numbers from 0 to {n - 1}")
        return value

    # What the page asks for.

    @observe("asked")
    def _page_asks(self, change):
        self._turn += 1
        turn, text, network = self._turn, change.new.get("text"), change.new.get("network")
        self.error = ""  # so that the same sentence once more is heard as an answer
        if change.new.get("stop"):
            self.progress = -1.0
            return
        if (loop := running_loop()) is None:
            self._settle(turn, *_tried(lambda: self._read(text, network, None)))
        else:
            self._task = loop.create_task(self._read_beside(loop, turn, text, network))

    async def _read_beside(self, loop, turn, text, network):
        """Read in a thread, so that the page goes on answering."""

        def report(done: int, total: int) -> None:
            if turn != self._turn:
                raise Cancelled
            if time.monotonic() - self._told > _REFRESH:
                self._told = time.monotonic()
                loop.call_soon_threadsafe(self._tell, turn, done / total)

        self._told = time.monotonic()  # what is quick needs no bar
        self._settle(turn, *await loop.run_in_executor(None, _tried, lambda: self._read(text, network, report)))

    def _tell(self, turn, share):
        if turn == self._turn:
            self.progress = share

    def _settle(self, turn, found, problem):
        if turn != self._turn:
            return
        if problem is None:
            self._deliver(*found)
        else:
            self.progress, self.error = -1.0, problem


def _tried(work: Callable[[], Any]) -> tuple[Any, str | None]:
    """What the work gives, or the sentence of its error."""
    try:
        return work(), None
    except Exception as error:
        text = error_sentence(error)
        return None, capital(text)


def _network(model: Any) -> Reader:
    from ...networks import SentenceWords

    return lambda text: SentenceWords(model, text).query


def _encoder() -> Reader:
    try:
        from ...networks.encoder import film_encoder

        return _network(film_encoder(local_files_only=True))
    except (OSError, ModuleNotFoundError) as error:
        raise ValueError(
            "the sentence encoder is not on this machine, so it answers the twenty sentences of the list only; choose "
            "the small transformer, or install actspec_widgets[encoder] and run sentence_encoder() once"
        ) from error


def _transformer() -> Reader:
    try:
        from ...networks.sentiment import SentimentTransformer
    except ModuleNotFoundError as error:
        raise ValueError(
            "reading a new sentence needs PyTorch, which is not installed; choose one of the list, or install "
            "actspec_widgets[torch]"
        ) from error
    return _network(SentimentTransformer.load(load_sentiment_example().weights))
