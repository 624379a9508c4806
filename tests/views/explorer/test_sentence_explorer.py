"""The sentence explorer in Python: what it says is what a sum over all sentences says."""

import asyncio
import itertools
import json
import time
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from traitlets import TraitError

from actspec_widgets.datasets import load_sentence_example
from actspec_widgets.views import SentenceExplorer
from hostile import HOSTILE

LAMP = {"unit": "switch", "target": "lamp", "poles": ("dark", "burning")}


def lamp(texts):
    return [1.0 if len(text.split()) == 1 else -1.0 for text in texts]


def sums(texts):
    weights = {"good": 2.0, "bad": -1.0, "film": 0.25}
    return [sum(weights.get(word, 0.0) for word in text.split()) for text in texts]


def not_bad(texts):
    """-1 for bad, +2 for not and bad together."""
    return [("bad" in text) * (2.0 if "not" in text else -1.0) for text in texts]


def coefficient(read, text, subset):
    """From the definition: the mean of the answer times the product of signs, over all ways to drop words."""
    words, total = text.split(), 0.0
    for signs in itertools.product((1, -1), repeat=len(words)):
        sign = np.prod([signs[i] for i in subset])
        total += sign * read([" ".join(w for w, s in zip(words, signs, strict=True) if s > 0)])[0]
    return total / 2 ** len(words)


def rows(explorer):
    return {tuple(row["subset"]): row["value"] for row in explorer.content["rows"]}


def test_every_bar_is_the_coefficient_of_the_definition():
    text = "a film not so bad"
    explorer = SentenceExplorer(text, not_bad)
    assert rows(explorer)
    for subset, value in rows(explorer).items():
        assert value == pytest.approx(coefficient(not_bad, text, subset))


def test_the_lamp_is_joint_altogether_and_neither_switch_says_anything_alone():
    explorer = SentenceExplorer("upstairs downstairs", lamp, **LAMP)
    assert explorer.sentence() == "These switches act together: {upstairs, downstairs} −1.00; joint share 1.00"
    assert rows(explorer) == {(0, 1): -1.0}
    assert explorer.logit == -1.0
    explorer.off = [1]
    assert explorer.logit == 1.0


def test_a_network_that_adds_up_is_said_to_add_up():
    explorer = SentenceExplorer("a good film not bad", sums, network="bag of words")
    assert explorer.sentence() == "The bag of words adds words up: joint share 0.00"
    assert all(len(subset) == 1 for subset in rows(explorer))


def test_a_pair_is_told_with_the_means_of_its_four_groups():
    explorer = SentenceExplorer("not bad", not_bad)
    said = {tuple(row["subset"]): row["said"] for row in explorer.content["rows"]}[0, 1]
    assert "+2.00 with both, +0.00 with “not” only, −1.00 with “bad” only, +0.00 with neither" in said
    assert explorer.selected == [0, 1]  # looked at first


def test_an_answer_that_never_changes_is_said_and_draws_nothing():
    explorer = SentenceExplorer("not bad", lambda texts: [3.0] * len(texts))
    assert "never changes" in explorer.sentence() and explorer.content["rows"] == []
    ET.fromstring(explorer.picture())


def test_without_arguments_it_opens_what_ships_and_torch_is_not_needed():
    explorer, example = SentenceExplorer(), load_sentence_example()
    assert explorer.text == example.texts[0]
    assert explorer.sentence().startswith("These words act together: {not, bad} +1.3")
    assert explorer.exact.joint_share > 0.7
    explorer.show("not funny", "small transformer")
    assert "The small transformer adds words up: joint share 0.0" in explorer.sentence()


def test_bytes_in_the_page_are_all_answers():
    explorer = SentenceExplorer("a film not so bad", not_bad)
    assert np.frombuffer(explorer.answers, np.float32) == pytest.approx(explorer.exact.answers)


@pytest.mark.parametrize(
    ("text", "said"), [("", "no word"), (" \n", "no word"), ("w " * 17, "17 words.*16 words or fewer"), (7, "is a int")]
)
def test_what_cannot_be_read_is_refused_and_what_was_shown_stays(text, said):
    explorer = SentenceExplorer("not bad", not_bad)
    before = explorer.content
    with pytest.raises(ValueError, match=said):
        explorer.show(text)
    assert explorer.content is before and explorer.text == "not bad"
    explorer.asked = {"text": text, "network": "network", "count": 1}  # as the page asks
    assert explorer.content is before and explorer.error
    explorer.asked = {"text": "bad", "network": "network", "count": 2}
    assert explorer.error == "" and explorer.text == "bad"


def test_a_missing_network_a_missing_sentence_and_no_function_are_refused():
    with pytest.raises(ValueError, match="no network 'x'; choose 'sentence encoder' or 'small transformer'"):
        SentenceExplorer(network="x")
    with pytest.raises(ValueError, match="give one beside the model"):
        SentenceExplorer(model=sums)
    with pytest.raises(ValueError, match="model is a int; give a function"):
        SentenceExplorer("not bad", 3)


@pytest.mark.parametrize("words", [[2], [-1], [1, 0], [0, 0]])
@pytest.mark.parametrize("name", ["off", "selected"])
def test_words_that_are_not_there_cannot_be_dropped(name, words):
    explorer = SentenceExplorer("not bad", not_bad)
    with pytest.raises(TraitError, match="rising word numbers from 0 to 1"):
        setattr(explorer, name, words)


def test_words_that_come_twice_are_told_apart():
    explorer = SentenceExplorer("bad bad", lambda texts: [float(len(text.split()) == 1) for text in texts])
    assert "{bad, bad (2)}" in explorer.sentence()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_the_picture_is_well_formed_and_holds_text_as_text(text):
    if not text.split():
        pytest.skip("no word")
    explorer = SentenceExplorer(" ".join(text.split()[:6]), lambda texts: [float(len(t) % 3) for t in texts])
    root = ET.fromstring(explorer.picture())
    assert {child.tag.rpartition("}")[2] for child in root.iter()} <= {"svg", "rect", "path", "text"}
    assert float(root.get("width")) <= 760
    bundle = explorer.picture_bundle()
    assert "<script" not in bundle["text/html"].replace(bundle["image/svg+xml"], "")
    json.dumps(explorer.content)


def test_a_long_sentence_wraps_in_the_picture():
    text = "sixteen words of which each is rather long so that they never fit one single line"
    explorer = SentenceExplorer(text, lambda texts: [float(len(t)) for t in texts])
    rects = [r for r in ET.fromstring(explorer.picture()).iter() if r.tag.endswith("rect") and r.get("rx")]
    assert len(rects) == 16 and len({r.get("y") for r in rects}) > 1
    assert all(float(r.get("x")) + float(r.get("width")) <= 760 for r in rects)


def test_what_the_page_asks_for_is_read_beside_it_and_the_newest_wins():
    slow = []

    def read(texts):
        slow.append(len(texts))
        time.sleep(0.02)
        return not_bad(texts)

    async def story():
        explorer = SentenceExplorer("not bad", read)
        explorer.asked = {"text": "a b c d e f g h not bad", "network": "network", "count": 1}
        await asyncio.sleep(0.01)
        assert explorer.text == "not bad"  # the page goes on
        explorer.asked = {"text": "not so bad", "network": "network", "count": 2}
        await asyncio.gather(*(task for task in asyncio.all_tasks() if task is not asyncio.current_task()))
        assert explorer.text == "not so bad" and explorer.progress == -1
        explorer.asked = {"text": "a b c d e f g h not bad", "network": "network", "count": 3}
        explorer.asked = {"stop": True, "count": 4}
        await asyncio.gather(*(task for task in asyncio.all_tasks() if task is not asyncio.current_task()))
        assert explorer.text == "not so bad" and explorer.progress == -1 and explorer.error == ""

    asyncio.run(story())


def test_the_code_shows_the_same_again():
    first = SentenceExplorer("not funny", network="small transformer")
    again = eval(first.code(), {"SentenceExplorer": SentenceExplorer})
    assert again.content == first.content
