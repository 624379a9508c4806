"""A JupyterLab of our own, and a notebook opened in it by a real browser."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat

QUIET_SETTINGS = {
    "apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    # The default takes the outputs of cells out of view out of the page, where no locator finds them.
    "notebook-extension/tracker": {"windowingMode": "none", "autoStartDefaultKernel": True},
}

IDLE = """() => {
  const panel = window.jupyterapp.shell.currentWidget;
  const kernel = panel?.sessionContext?.session?.kernel;
  const idle = kernel?.status === 'idle' && kernel.connectionStatus === 'connected';
  window.idleSince = idle ? window.idleSince ?? performance.now() : null;
  return idle && performance.now() - window.idleSince > 150; }"""

RUN_IN_KERNEL = """async code => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const future = kernel.requestExecute({code, silent: false, store_history: false});
  let text = '', error = '';
  future.onIOPub = ({header, content}) => {
    if (header.msg_type === 'stream' && content.name === 'stdout') text += content.text;
    if (header.msg_type === 'error') error = content.ename + ': ' + content.evalue;
  };
  await future.done;
  return [text, error]; }"""

CLOSE_ALL = """async () => {
  const { shell, serviceManager } = window.jupyterapp;
  await serviceManager.sessions.shutdownAll();
  for (const widget of [...shell.widgets('main')]) {
    if (widget.context) widget.context.model.dirty = false;
    widget.close();
  } }"""

# WCAG 2 contrast of each text with what lies behind it: the nearest opaque ancestor, or the disc a node's
# label sits on. SVG text is painted by `fill`, the rest by `color`.
CONTRASTS = """selector => {
  const parse = css => (css.match(/[\\d.]+/g) || []).map(Number);
  const opaque = css => { const c = parse(css); return c.length === 3 || (c.length > 3 && c[3] > 0.5); };
  const luminance = css => {
    const [r, g, b] = parse(css).map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = element => {
    const shape = element.closest('.node')?.querySelector('circle, rect, ellipse');
    if (shape) return getComputedStyle(shape).fill;
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (opaque(colour)) return colour;
    }
    return 'rgb(255, 255, 255)'; };
  const ownText = e => [...e.childNodes].some(n => n.nodeType === Node.TEXT_NODE && n.textContent.trim());
  const roots = [...document.querySelectorAll(selector)];
  const texts = new Set(roots.flatMap(root => [root, ...root.querySelectorAll('*')]));
  return [...texts].filter(e => ownText(e) && !e.closest('[disabled]') && e.getClientRects().length
                              && getComputedStyle(e).visibility !== 'hidden'
                              && !['STYLE', 'SCRIPT', 'OPTION'].includes(e.tagName)).map(e => {
    const style = getComputedStyle(e);
    const ink = e instanceof SVGElement ? style.fill : style.color;
    const [hi, lo] = [luminance(ink), luminance(behind(e))].sort((a, b) => b - a);
    return [e.textContent.trim(), ink, behind(e), +((hi + 0.05) / (lo + 0.05)).toFixed(2)];
  }); }"""


class LabServer:
    """JupyterLab on the loopback interface with its own folders, settings, port and token."""

    def __init__(self, root: Path, private: Path):
        self.root, self.token = root, secrets.token_hex(16)
        self._log_path = private / "jupyter.log"
        for plugin, values in QUIET_SETTINGS.items():
            path = private / "settings" / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values))
        # The debugger asks every new kernel for its state, and logs an error when a test closes the notebook meanwhile.
        switched_off = private / "config" / "labconfig" / "page_config.json"
        switched_off.parent.mkdir(parents=True, exist_ok=True)
        switched_off.write_text(json.dumps({"disabledExtensions": {"@jupyterlab/debugger-extension": True}}))
        folders = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
        }
        environment = {**os.environ, **{name: str(private / folder) for name, folder in folders.items()}}
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0"]
        command += ["--ServerApp.port_retries=0", f"--ServerApp.root_dir={root}", "--allow-root"]
        command += [f"--IdentityProvider.token={self.token}", "--expose-app-in-browser"]
        self._log = self._log_path.open("wb")
        self._process = subprocess.Popen(
            command, stdout=self._log, stderr=subprocess.STDOUT, env=environment, start_new_session=True
        )
        # Port 0 lets the system choose; the file that the server writes about itself tells which it became.
        self._about = private / "runtime" / f"jpserver-{self._process.pid}.json"
        try:
            self.url = self._wait_until_up(seconds=120)
        except BaseException:
            self.stop()
            raise

    def _wait_until_up(self, seconds: float) -> str:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(OSError, ValueError, KeyError):
                url = f"http://127.0.0.1:{json.loads(self._about.read_text())['port']}/"
                with urllib.request.urlopen(f"{url}api/status?token={self.token}", timeout=5):
                    return url
            time.sleep(0.1)
        raise RuntimeError(f"JupyterLab did not come up:\n{self._log_path.read_text()[-3000:]}")

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)  # JupyterLab then stops its kernels too
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)  # the group is ours: start_new_session above
                self._process.wait(5)
        self._log.close()


class Lab:
    """One page on one server; each `notebook` or `open` shows a notebook afresh with a new kernel."""

    def __init__(self, page, server: LabServer):
        self.page, self.server = page, server
        self.console_errors: list[str] = []
        self._loaded = False
        self._written = 0
        page.on("console", lambda m: self.console_errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: self.console_errors.append(f"uncaught: {e}"))

    def notebook(self, cells: list[str], timeout: float = 120) -> Lab:
        """Write a notebook with these code cells, open it and run it all."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        self._written += 1
        name = f"written-{self._written}.ipynb"
        nbformat.write(notebook, self.server.root / name)
        return self.open(name, timeout)

    def open(self, name: str, timeout: float = 120, run: bool = True) -> Lab:
        """Open a notebook of the server's folder (the project's lessons are there) and run all its cells."""
        self.console_errors.clear()
        if self._loaded:
            # Changing the notebook takes two seconds; loading JupyterLab ten.
            self.page.evaluate(CLOSE_ALL)
            self.page.wait_for_function("() => !document.querySelector('.jp-NotebookPanel')")
            self.command("filebrowser:open-path", path=name)
        else:
            self.page.goto(f"{self.server.url}lab/tree/{name}?reset&token={self.server.token}")
            self.page.wait_for_function("() => !!window.jupyterapp")
            self.page.evaluate("() => window.jupyterapp.restored.then(() => null)")
            self._loaded = True
        self.page.wait_for_selector(".jp-NotebookPanel:visible .jp-Notebook")
        self.wait_idle()
        if run:
            self.command("notebook:run-all-cells")
            self.wait_idle(timeout)
            self.check()
        return self

    def command(self, name: str, **arguments) -> None:
        """Execute a JupyterLab command; returns when its promise resolves."""
        execute = "([name, args]) => window.jupyterapp.commands.execute(name, args).then(() => null)"
        self.page.evaluate(execute, [name, arguments])

    def wait_idle(self, timeout: float = 60) -> None:
        """Wait until the kernel is idle and stays so a moment: a callback can start after the first idle."""
        self.page.wait_for_function(IDLE, timeout=timeout * 1000)

    def python(self, code: str) -> str:
        """Run code in the notebook's kernel and return what it printed; an exception fails the test."""
        text, error = self.page.evaluate(RUN_IN_KERNEL, code)
        if error:
            raise AssertionError(f"{error}\nwhile running in the kernel:\n{code}")
        return text.strip()

    def problems(self) -> list[str]:
        """What went wrong in the notebook: tracebacks, standard error, broken widgets, failed callbacks."""
        outputs = (
            ".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr'],"
            " .jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error']"
        )
        found = self.page.locator(outputs).all_inner_texts()
        broken = re.compile("Click to show javascript error|Error displaying widget|Error creating widget")
        found += self.page.get_by_text(broken).all_inner_texts()
        # An exception in a widget's callback shows in no cell, only in the status bar's log counter.
        counters = self.page.locator("#jp-bottom-panel [title*='log entries']").all_inner_texts()
        counts = [text.strip() for text in counters]
        found += [f"{n} message(s) in the log console" for n in counts if n not in ("", "0")]
        return found

    def check(self) -> None:
        """Fail with what went wrong so far in the notebook or in the browser's console."""
        if found := self.problems() + [f"console: {text}" for text in self.console_errors]:
            raise AssertionError("\n".join(found))

    @contextlib.contextmanager
    def theme(self, name: str):
        """``with lab.theme("Dark"):`` switch JupyterLab's theme live, and back to light afterwards."""
        self._change_theme(f"JupyterLab {name}")
        try:
            yield self
        finally:
            self._change_theme("JupyterLab Light")

    def _change_theme(self, theme: str) -> None:
        self.command("apputils:change-theme", theme=theme)
        self.page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)
        self.page.wait_for_timeout(400)  # colours fade over from one theme to the other

    def contrasts(self, selector: str) -> list[tuple[str, str, str, float]]:
        """``(text, ink, background, ratio)`` of every visible text at or below the selected elements."""
        return [tuple(row) for row in self.page.evaluate(CONTRASTS, selector)]

    def faint_texts(self, selector: str, least: float = 4.5) -> list[tuple[str, str, str, float]]:
        """Texts below the contrast that WCAG AA asks for; an AssertionError when there is no text at all."""
        rows = self.contrasts(selector)
        if not rows:
            raise AssertionError(f"no visible text in {selector!r}; is the selector right?")
        return [row for row in rows if row[3] < least]

    def shot(self, name: str) -> None:
        """Save a picture of the page as ``$SHOTS/name.png``; nothing when SHOTS is not set."""
        if folder := os.environ.get("SHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=f"{folder}/{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-')}.png")
