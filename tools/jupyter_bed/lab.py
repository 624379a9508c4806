"""A notebook opened in a JupyterLab by a real browser: run it, ask its kernel, look at what went wrong."""

from __future__ import annotations

import contextlib
import os
import re
import time
from pathlib import Path

import nbformat

from .contrast import contrasts, faint_texts
from .servers import LabServer

# Seconds after which what is waited for is given up: many times what an idle machine takes, so that a busy one is never
# taken for a broken one. Nothing that goes well waits as long.
PATIENCE = 120

# What anywidget says of a widget that a busy page takes more than two seconds to load; ours go on (views/kit/heard.py).
# A widget that is broken is told by an error of its own.
LATE = "[anywidget] Failed to initialize model."

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

# A kernel as good as new: no widget, no name and no worker thread of before.
CLEAN = """
import sys, threading
if "ipywidgets" in sys.modules:
    sys.modules["ipywidgets"].Widget.close_all()
for thread in threading.enumerate():
    if thread.name.startswith("actspec"):
        thread.join(20)
get_ipython().run_line_magic("reset", "-f")
"""

REPLACE_CELLS = """notebook => {
  const panel = window.jupyterapp.shell.currentWidget;
  panel.context.model.fromJSON(notebook);
  panel.content.node.scrollTop = 0; }"""

CLOSE_ALL = """async () => {
  const { shell, serviceManager } = window.jupyterapp;
  await serviceManager.sessions.shutdownAll();
  for (const widget of [...shell.widgets('main')]) {
    if (widget.context) widget.context.model.dirty = false;
    widget.close();
  } }"""


class Lab:
    """One page on one server; each `notebook` or `open` shows a notebook afresh, in a new kernel or a cleaned one."""

    def __init__(self, page, server: LabServer):
        self.page, self.server = page, server
        page.set_default_timeout(PATIENCE * 1000)
        self.console_errors: list[str] = []
        self._loaded = False
        self._written = 0
        self._owner: object = None
        self._kept = False
        page.on("console", lambda m: self.console_errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", self._uncaught)

    def _uncaught(self, error) -> None:
        if LATE not in str(error):
            self.console_errors.append(f"uncaught: {error}")

    def shared_by(self, owner: object) -> None:
        """Keep one notebook and its kernel, cleaned each time, while the owner is the same; another starts afresh."""
        self._kept = self._kept and owner == self._owner
        self._owner = owner

    def notebook(self, cells: list[str], fresh: bool = False) -> Lab:
        """Write a notebook with these code cells, open it and run it all; ``fresh`` insists on a new kernel."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        if self._kept and not fresh:
            self.wait_idle()
            self.page.evaluate(REPLACE_CELLS, notebook)
            self.python(CLEAN)
            self.console_errors.clear()
            self._run_all()
            return self
        self._written += 1
        name = f"written-{self._written}.ipynb"
        nbformat.write(notebook, self.server.root / name)
        self.open(name)
        self._kept = self._owner is not None
        return self

    def open(self, name: str, run: bool = True) -> Lab:
        """Open a notebook of the server's folder (the project's lessons are there) and run all its cells."""
        self._kept = False
        self.console_errors.clear()
        if self._loaded:
            # Changing the notebook takes two seconds; loading JupyterLab ten.
            self.page.evaluate(CLOSE_ALL)
            self.page.wait_for_function("() => !document.querySelector('.jp-NotebookPanel')")
            # A kernel that is being ended can mix two messages: its sending thread is gone, and each sends by itself.
            self.console_errors[:] = [said for said in self.console_errors if "Kernel message validation" not in said]
            self.command("filebrowser:open-path", path=name)
        else:
            self._load(name)
            self._loaded = True
        self.page.wait_for_selector(".jp-NotebookPanel:visible .jp-Notebook")
        self.wait_idle()
        if run:
            self._run_all()
        return self

    def _run_all(self) -> None:
        self.command("notebook:run-all-cells")
        self.wait_idle(3 * PATIENCE)
        self.check()

    def reload(self) -> None:
        """Load the page anew, as a person does who presses F5; the notebook and its kernel are still there."""
        self._load(self.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.path"))
        self.page.wait_for_selector(".jp-NotebookPanel:visible .jp-Notebook")
        self.wait_idle()

    def _load(self, name):
        self.page.goto(f"{self.server.url}lab/tree/{name}?reset&token={self.server.token}")
        self.page.wait_for_function("() => !!window.jupyterapp")
        self.page.evaluate("() => window.jupyterapp.restored.then(() => null)")

    def command(self, name: str, **arguments) -> None:
        """Execute a JupyterLab command; returns when its promise resolves."""
        execute = "([name, args]) => window.jupyterapp.commands.execute(name, args).then(() => null)"
        self.page.evaluate(execute, [name, arguments])

    def wait_idle(self, timeout: float = PATIENCE) -> None:
        """Wait until the kernel is idle and stays so a moment from now on: what was clicked takes a while to begin."""
        self.page.evaluate("() => { window.idleSince = null; }")
        self.page.wait_for_function(IDLE, timeout=timeout * 1000)

    def python(self, code: str) -> str:
        """Run code in the notebook's kernel and return what it printed; an exception fails the test."""
        text, error = self.page.evaluate(RUN_IN_KERNEL, code)
        if error:
            raise AssertionError(f"{error}\nwhile running in the kernel:\n{code}")
        return text.strip()

    def until(self, expression: str) -> None:
        """Wait until a Python expression is true in the kernel, whose event loop goes on meanwhile."""
        end = time.monotonic() + PATIENCE
        while self.python(f"print(bool({expression}))") != "True":
            if time.monotonic() > end:
                raise AssertionError(f"not true after {PATIENCE} s: {expression}")
            self.page.wait_for_timeout(100)

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
            self._kept = False
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
        if self.page.evaluate("theme => document.body.dataset.jpThemeName === theme", theme):
            return
        self.command("apputils:change-theme", theme=theme)
        self.page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)
        self.page.wait_for_timeout(400)  # colours fade over from one theme to the other

    def contrasts(self, selector: str) -> list[tuple[str, str, str, float]]:
        """``(text, ink, background, ratio)`` of every visible text at or below the selected elements."""
        return contrasts(self.page, selector)

    def faint_texts(self, selector: str, least: float = 4.5) -> list[tuple[str, str, str, float]]:
        """Texts below the contrast that WCAG AA asks for; an AssertionError when there is no text at all."""
        return faint_texts(self.page, selector, least)

    def shot(self, name: str) -> None:
        """Save a picture of the page as ``$SHOTS/name.png``; nothing when SHOTS is not set."""
        if folder := os.environ.get("SHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=f"{folder}/{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-')}.png")
