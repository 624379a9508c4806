"""Rated sentences: three forms of file, and every way in which a file can be wrong."""

import gzip
import hashlib
import io
import tarfile
from pathlib import Path

import numpy as np
import pytest

from actspec_widgets.datasets import reviews as module
from actspec_widgets.datasets.reviews import VARIABLE, load_reviews

SHARED = Path(__file__).parents[3] / "shared" / "data" / "sentiment_snippets.csv.gz"
TABLE = (
    "source,id,split,score,text\n"
    'movie,1,train,2.5,"Fine, and ""well"" made"\n'
    "movie,2,val,-1.25,Déjà vu\n"
    "tweet,3,test,0.5,not a film\n"
    "movie,4,test,0.1,so so\n"
)
ORIGINAL = "1\t2.5\tFine, and well made\n2\t-1.25\tDéjà vu\twith a tab\n"


@pytest.fixture(autouse=True)
def no_file_named(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)


def written(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def archive(name, content):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for entry, data in ((f"top/{name}", content), ("top/other.txt", b"nothing")):
            info = tarfile.TarInfo(entry)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


@pytest.mark.parametrize("packed", [False, True])
def test_a_table_gives_the_rows_of_one_source(tmp_path, packed):
    content = gzip.compress(TABLE.encode()) if packed else TABLE.encode()
    path = written(tmp_path / ("t.csv.gz" if packed else "t.csv"), content)
    reviews = load_reviews(path)
    assert reviews.texts == ('Fine, and "well" made', "Déjà vu", "so so")
    assert reviews.scores.tolist() == [2.5, -1.25, 0.1]
    assert reviews.parts.tolist() == ["train", "val", "test"]
    assert reviews.labels.tolist() == [True, False, True]
    assert reviews.sha256 == hashlib.sha256(content).hexdigest()
    assert load_reviews(path, source="tweet").texts == ("not a film",)
    assert len(reviews.polar(0.5)) == 2 and reviews.part("val", "test").texts == ("Déjà vu", "so so")
    with pytest.raises(ValueError, match="read-only"):
        reviews.scores[0] = 1


def test_the_original_form_is_read_plain_and_from_archives_in_archives(tmp_path):
    plain = load_reviews(written(tmp_path / "movieReviewSnippets_GroundTruth.txt", ORIGINAL))
    inner = archive("movieReviewSnippets_GroundTruth.txt", ORIGINAL.encode())
    outer = archive("hutto_ICWSM_2014.tar.gz", inner)
    for content in (inner, outer):
        packed = load_reviews(written(tmp_path / "source.tar.gz", content))
        assert packed.texts == plain.texts == ("Fine, and well made", "Déjà vu\twith a tab")
        assert packed.parts.tolist() == plain.parts.tolist()


def test_without_a_split_texts_that_say_the_same_go_together(tmp_path):
    lines = "".join(f"{i}\t1\tSentence number {i}!\n{i}b\t-1\tsentence, NUMBER {i}\n" for i in range(500))
    reviews = load_reviews(written(tmp_path / "own.txt", lines))
    assert (reviews.parts[::2] == reviews.parts[1::2]).all()
    shares = [np.mean(reviews.parts == part) for part in ("train", "val", "test")]
    assert np.allclose(shares, (0.8, 0.1, 0.1), atol=0.05)


def test_the_environment_variable_names_a_file_and_the_argument_goes_before(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(written(tmp_path / "a.csv", TABLE)))
    assert len(load_reviews()) == 3
    assert len(load_reviews(written(tmp_path / "b.txt", ORIGINAL))) == 2


def test_no_file_is_one_sentence(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match="do not come with the package and ACTSPEC_REVIEWS names no file"):
        load_reviews()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "absent.csv"))
    with pytest.raises(FileNotFoundError, match=r"no file .*absent.csv \(ACTSPEC_REVIEWS\)"):
        load_reviews()


WHOLE = gzip.compress(TABLE.encode())


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("t.csv", "", "is empty"),
        ("t.csv", " \n", "is empty"),
        ("t.csv", "text,score\n", "a header and no sentence"),
        ("t.csv", "sentence,score\na,1\n", "has no column text, its header has 'sentence', 'score'"),
        ("t.csv", "1\t2\tthree\n", "has no column text and no score"),
        ("t.csv", TABLE.encode("utf-16"), "is not UTF-8 text"),
        ("t.csv", TABLE.encode("latin-1"), r"is not UTF-8 text \(byte \d+ is 0xe9\)"),
        ("t.csv", "text,score\ngood,high\n", "the rating 'high' in line 2"),
        ("t.csv", "text,score\ngood,nan\n", "the rating 'nan' in line 2"),
        ("t.csv", "text,score\ngood,5\n", "ratings are numbers from -4 to 4"),
        ("t.csv", "score,text\n1,ok\n2\n", "no text in line 3"),
        ("t.csv", "text,score\n,1\n", "no text in line 2"),
        ("t.csv", "text,score,source\ngood,1,book\n", "no rows with source 'movie'; it has book"),
        ("t.csv", "text,score,split\ngood,1,dev\n", "has the split 'dev'"),
        ("t.csv.gz", WHOLE[:40], "cannot be unpacked"),
        ("t.csv.gz", WHOLE[:20] + bytes(20) + WHOLE[40:], "cannot be unpacked"),
        ("t.csv.gz", TABLE, "is called .gz and is not compressed"),
        ("t.txt", "1\t2\n", "2 tab-separated cells in line 1"),
        ("t.tar.gz", archive("else.txt", b"x"), "holds no movieReviewSnippets_GroundTruth.txt"),
        ("t.tar.gz", archive("else.txt", b"x")[:60], "cannot be unpacked"),
        ("t.tar.gz", b"plain", "cannot be unpacked"),
    ],
)
def test_a_wrong_file_is_one_sentence(tmp_path, name, content, sentence):
    with pytest.raises(ValueError, match=sentence) as error:
        load_reviews(written(tmp_path / name, content))
    assert "\n" not in str(error.value)


def test_an_unknown_part_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no part 'dev'; use train, val, test"):
        load_reviews(written(tmp_path / "t.csv", TABLE)).part("dev")


def test_a_download_is_checked_kept_and_not_repeated(tmp_path, monkeypatch):
    served = archive("hutto_ICWSM_2014.tar.gz", archive("movieReviewSnippets_GroundTruth.txt", ORIGINAL.encode()))
    asked = []

    def answer(self, url, output_file, pooch_object, check_only=False):
        asked.append(url)
        Path(output_file).write_bytes(served)

    monkeypatch.setattr("pooch.HTTPDownloader.__call__", answer)
    monkeypatch.setenv("ACTSPEC_CACHE", str(tmp_path / "cache"))
    with pytest.raises(OSError, match=r"could not be downloaded from https://.* \(it has another checksum\)"):
        load_reviews(download=True, progress=False)
    assert not any((tmp_path / "cache").glob("*"))
    monkeypatch.setattr(module, "SHA256", hashlib.sha256(served).hexdigest())
    assert len(load_reviews(download=True, progress=False)) == 2
    assert len(load_reviews(download=True, progress=False)) == 2
    assert asked == [module.ADDRESS] * 2


@pytest.mark.skipif(not SHARED.is_file(), reason="the rated sentences lie only beside the project's own checkout")
def test_the_rated_film_sentences():
    reviews = load_reviews(SHARED)
    assert len(reviews) == 10605
    assert [len(reviews.part(part)) for part in ("train", "val", "test")] == [8473, 1079, 1053]
    assert (np.sum(reviews.scores >= 0.5), np.sum(reviews.scores <= -0.5)) == (4996, 5076)
