"""JupyterLab and voila on the loopback interface, each with its own folders, settings and port."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

QUIET_SETTINGS = {
    "apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    # The default takes the outputs of cells out of view out of the page, where no locator finds them.
    "notebook-extension/tracker": {"windowingMode": "none", "autoStartDefaultKernel": True},
}
FOLDERS = {
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "JUPYTER_RUNTIME_DIR": "runtime",
    "JUPYTERLAB_SETTINGS_DIR": "settings",
    "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    "IPYTHONDIR": "ipython",
}


class Server:
    """A server process that has come up; ``url`` ends in a slash.

    Raises
    ------
    RuntimeError
        If it does not come up within two minutes; with the end of what it logged.
    """

    def __init__(self, command: list[str], private: Path):
        self._log_path = private / "server.log"
        environment = {**os.environ, **{name: str(private / folder) for name, folder in FOLDERS.items()}}
        self._log = self._log_path.open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", *command],
            stdout=self._log,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
        try:
            self.url = self._wait_until_up(seconds=120)
        except BaseException:
            self.stop()
            raise

    def log(self) -> str:
        """All that the server has said so far."""
        return self._log_path.read_text()

    def _wait_until_up(self, seconds: float) -> str:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(OSError, ValueError, KeyError):
                return self._address()
            time.sleep(0.1)
        raise RuntimeError(f"the server did not come up:\n{self.log()[-3000:]}")

    def _address(self) -> str:
        """Where it answers; raises while it does not."""
        raise NotImplementedError

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)  # the servers then stop their kernels too
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)  # the group is ours: start_new_session above
                self._process.wait(5)
        self._log.close()


class LabServer(Server):
    """JupyterLab with `root` as its folder of notebooks."""

    def __init__(self, root: Path, private: Path):
        self.root, self.token = root, secrets.token_hex(16)
        for plugin, values in QUIET_SETTINGS.items():
            path = private / "settings" / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values))
        # The debugger asks every new kernel for its state, and logs an error when a test closes the notebook meanwhile.
        switched_off = private / "config" / "labconfig" / "page_config.json"
        switched_off.parent.mkdir(parents=True, exist_ok=True)
        switched_off.write_text(json.dumps({"disabledExtensions": {"@jupyterlab/debugger-extension": True}}))
        self._runtime = private / "runtime"
        command = ["jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0", "--ServerApp.port_retries=0"]
        command += [f"--ServerApp.root_dir={root}", "--allow-root", f"--IdentityProvider.token={self.token}"]
        super().__init__([*command, "--expose-app-in-browser"], private)

    def _address(self) -> str:
        # Port 0 lets the system choose; the file that the server writes about itself tells which it became.
        about = json.loads((self._runtime / f"jpserver-{self._process.pid}.json").read_text())
        url = f"http://127.0.0.1:{about['port']}/"
        with urllib.request.urlopen(f"{url}api/status?token={self.token}", timeout=5):
            return url


class VoilaServer(Server):
    """Voila serving one notebook as a page; `options` go to its command line."""

    def __init__(self, notebook: Path, private: Path, *options: str):
        # Voila takes port 0 too, but tells nobody which port it became.
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        command = ["voila", str(notebook), "--no-browser", f"--port={self._port}", "--Voila.port_retries=0"]
        super().__init__([*command, "--Voila.ip=127.0.0.1", *options], private)

    def _address(self) -> str:
        with socket.create_connection(("127.0.0.1", self._port), timeout=5):  # asking for the page starts a kernel
            return f"http://127.0.0.1:{self._port}/"
