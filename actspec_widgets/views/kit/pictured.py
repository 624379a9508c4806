"""A live widget whose saved output also holds a picture, for pages without a kernel.

Two outputs, not one bundle: JupyterLab never falls back from a widget whose model is missing to the other types of the
same bundle. A style sheet in the second output hides the picture while the widget is alive, and hides the line "model
not found" where it is not.
"""

from __future__ import annotations

import base64
import html
import os
from typing import Any

from .one_thread import running_loop
from .rerun import shown_in_cell

_SOON = 0.3  # seconds in which several changes come to one new picture
_VIEW = "application/vnd.jupyter.widget-view+json"
_STYLE = """<style>
.jp-OutputArea-child:has(.actspec-live) + .jp-OutputArea-child:has(.actspec-static) { display: none }
.jp-OutputArea-child:has(> .lm-Panel.jp-OutputArea-output):not(:has(.jp-OutputArea-output *)):has(+ \
.jp-OutputArea-child .actspec-static) { display: none }
.actspec-static { margin: 0 } .actspec-static img { max-width: 100%; background: #fff }
.actspec-static figcaption { color: var(--jp-content-font-color1, #222) }
</style>"""


def nobody_is_there() -> bool:
    """Whether a program runs the notebook: there nothing can be typed in.

    Voila runs it for somebody who looks at an empty page meanwhile, and says so in its kernels' environment.
    """
    from IPython import get_ipython

    kernel: Any = getattr(get_ipython(), "kernel", None)
    served = any(name.startswith("VOILA_") for name in os.environ)
    return kernel is not None and not served and not getattr(kernel, "_allow_stdin", False)


class Pictured:
    """To stand before a widget's class: it asks for ``picture()``, an SVG text, and ``sentence()``."""

    def picture(self) -> str:
        raise NotImplementedError

    def sentence(self) -> str:
        raise NotImplementedError

    def picture_bundle(self) -> dict[str, str]:
        """The picture as MIME types: SVG, an HTML figure with the sentence below, and the sentence alone."""
        svg, words = self.picture(), html.escape(self.sentence(), quote=True)
        source = "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
        caption = f"<figcaption>{words}</figcaption>"
        figure = f'<figure class="actspec-static"><img alt="{words}" src="{source}">{caption}</figure>'
        return {"text/plain": self.sentence(), "text/html": _STYLE + figure, "image/svg+xml": svg}

    def _finish(self) -> None:
        """Wait for what belongs to the picture."""

    def _ipython_display_(self, **kwargs: Any) -> None:
        from IPython.display import display

        if nobody_is_there():
            self._finish()  # what is sent after a program's last cell is not saved
        widget: Any = self
        widget.add_class("actspec-live")
        bundle = widget._repr_mimebundle_()
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        # The words come with the picture: beside the view they would stand twice in an untrusted notebook.
        display({_VIEW: data[_VIEW], "text/plain": ""}, raw=True)
        handle = display(self.picture_bundle(), raw=True, display_id=True)
        self.__dict__.setdefault("_pictures", []).append(handle)
        shown_in_cell(widget)

    def refresh_pictures(self) -> None:
        """Put the present picture in the place of those sent: soon, and once for all that changes until then.

        While work runs (``busy``) nothing is drawn; whatever is asked for then is drawn when the work is over. Where
        no event loop runs, or a program runs the notebook, the picture is sent at once: later is too late there.
        """
        if not self.__dict__.get("_pictures"):
            return
        if (loop := running_loop()) is None or nobody_is_there():
            self._send_pictures()
        elif self.__dict__.get("_later") is None:
            self.__dict__["_later"] = loop.call_later(_SOON, self.send_what_waits)

    def send_what_waits(self) -> None:
        """Send the picture that was asked for and not yet drawn, if there is one; after work that runs, not now."""
        later = self.__dict__.pop("_later", None)
        if later is not None and getattr(self, "comm", None) is not None and not getattr(self, "busy", False):
            later.cancel()
            self._send_pictures()

    def _send_pictures(self) -> None:
        for handle in self.__dict__["_pictures"]:
            handle.update(self.picture_bundle(), raw=True)
