"""The download of the full MNIST, against a real server on the loopback interface."""

import gzip
import http.server
import struct
import threading
from pathlib import Path

import numpy as np
import pytest

from actspec_widgets import Cancelled
from actspec_widgets.datasets import load_mnist, mnist
from actspec_widgets.datasets.mnist import FILES
from actspec_widgets.datasets.mnist_files import ARRAYS, IDX_NAMES

SHARED = Path(__file__).parents[3] / "shared" / "data" / "mnist.npz"
needs_full = pytest.mark.skipif(
    not SHARED.is_file(), reason="the full MNIST lies only beside the project's own checkout"
)


class Server(http.server.ThreadingHTTPServer):
    """Serves ``files``: path -> (body, length that the header claims or None); counts requests."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = {}
        self.requests = []

    def url(self, path):
        return f"http://127.0.0.1:{self.server_address[1]}{path}"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self):
        self.server.requests.append(self.path)
        if self.path not in self.server.files:
            self.send_error(404)
            return
        body, length = self.server.files[self.path]
        self.send_response(200)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass  # the client hung up, as a cancelled download does

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.delenv("ACTSPEC_MNIST", raising=False)
    # A proxy would swallow the loopback addresses.
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("ACTSPEC_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def left_in(cache):
    return sorted(path.name for path in cache.rglob("*")) if cache.exists() else []


@needs_full
def test_good_file_is_downloaded_once(server, cache):
    body = SHARED.read_bytes()
    server.files["/any-name.npz"] = body, len(body)
    told = []
    data = load_mnist("full", url=server.url("/any-name.npz"), progress=lambda done, total: told.append((done, total)))
    assert len(data.y_train) == 60000
    assert told[-1] == (len(body), len(body))
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert left_in(cache) == ["mnist.npz"]

    again = load_mnist("full", url=server.url("/any-name.npz"))
    np.testing.assert_array_equal(again.x_test, data.x_test)
    assert server.requests == ["/any-name.npz"]


@needs_full
def test_a_damaged_cache_is_replaced(server, cache):
    cache.mkdir()
    (cache / "mnist.npz").write_bytes(b"half a file")
    body = SHARED.read_bytes()
    server.files["/mnist.npz"] = body, None
    load_mnist("full", url=server.url("/mnist.npz"), progress=False)
    assert (cache / "mnist.npz").read_bytes() == body


@needs_full
def test_four_gzipped_files_serve_when_the_first_mirror_does_not(server, cache, monkeypatch):
    with np.load(SHARED) as archive:
        for name in ARRAYS:
            array = archive[name]
            raw = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()
            body = gzip.compress(raw, 1)
            server.files[f"/mirror/{IDX_NAMES[name]}.gz"] = body, len(body)
    monkeypatch.setattr(mnist, "MIRRORS", (server.url("/gone.npz"), server.url("/mirror/")))
    assert len(load_mnist("full", progress=False).y_test) == 10000
    assert left_in(cache) == sorted(f"{stem}.gz" for stem in IDX_NAMES.values())
    assert len(load_mnist("full", progress=False).y_test) == 10000
    assert len(server.requests) == 5


@pytest.mark.parametrize("told", [1_003_025, None])
def test_truncated_body_leaves_nothing(server, cache, told):
    body = (FILES / "mnist_small.npz").read_bytes()
    server.files["/mnist.npz"] = body[:400_000], told
    with pytest.raises(OSError, match=r"could not be downloaded from .*nothing was kept.*path="):
        load_mnist("full", url=server.url("/mnist.npz"), progress=False)
    assert left_in(cache) == []


def test_a_damaged_cache_does_not_survive_a_failed_download(server, cache):
    cache.mkdir()
    (cache / "mnist.npz").write_bytes(b"half a file")
    with pytest.raises(OSError, match="404"):
        load_mnist("full", url=server.url("/gone.npz"), progress=False)
    assert left_in(cache) == []


def test_wrong_content_leaves_nothing(server, cache):
    body = (FILES / "mnist_small.npz").read_bytes()
    server.files["/mnist.npz"] = body, len(body)
    with pytest.raises(OSError, match=r"\(mnist\.npz has x_train of shape \(5000, 28, 28\)"):
        load_mnist("full", url=server.url("/mnist.npz"), progress=False)
    assert left_in(cache) == []


def test_a_login_page_leaves_nothing(server, cache):
    page = b"<html>please log in</html>"
    server.files["/mnist.npz"] = page, len(page)
    with pytest.raises(OSError, match=r"\(mnist\.npz cannot be read as the \.npz file"):
        load_mnist("full", url=server.url("/mnist.npz"), progress=False)
    assert left_in(cache) == []


def test_missing_file_says_what_every_server_answered(server, cache, monkeypatch):
    monkeypatch.setattr(mnist, "MIRRORS", (server.url("/a.npz"), server.url("/b/")))
    with pytest.raises(
        OSError, match=r"a\.npz \(the server answered 404 Not Found\) nor .*/b/ \(the server answered 404"
    ):
        load_mnist("full", progress=False)
    assert left_in(cache) == []


def test_no_server_at_all_gets_a_sentence(server, cache):
    url = server.url("/mnist.npz")
    server.server_close()
    with pytest.raises(OSError, match=r"mnist\.npz \(.*ConnectionError.*\); nothing was kept"):
        load_mnist("full", url=url, progress=False)
    assert left_in(cache) == []


def test_cancelling_leaves_nothing(server, cache):
    body = bytes(1_000_000)
    server.files["/mnist.npz"] = body, len(body)

    def stop(done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        load_mnist("full", url=server.url("/mnist.npz"), progress=stop)
    assert left_in(cache) == []


def test_progress_bar_shows_the_bytes(server, cache, capsys):
    body = bytes(300_000)
    server.files["/mnist.npz"] = body, len(body)
    with pytest.raises(OSError, match="could not be downloaded"):
        load_mnist("full", url=server.url("/mnist.npz"))
    assert "300k/300k" in capsys.readouterr().err
