"""What a network of one's own takes: its dropout rate, how long to train, and the button that starts."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets

from ..kit.controls import field


class TrainingFields(widgets.VBox):
    """Calls ``train(rate, epochs)`` when its button is clicked."""

    def __init__(self, train: Callable[[float, int], None]):
        self.rate = widgets.BoundedFloatText(0.5, min=0.0, max=0.95, step=0.05, description="New rate")
        self.epochs = widgets.BoundedIntText(15, min=1, max=200, description="Passes")
        self.button = widgets.Button(
            description="Train one more", icon="plus", tooltip="Train a network of this rate from a new seed"
        )
        self.button.on_click(lambda _: train(self.rate.value, self.epochs.value))
        box = widgets.Box(
            [
                field(self.rate, "Dropout of the hidden units, 0 to 0.95."),
                field(self.epochs, "Passes over 5,000 digits; some seconds for 15."),
            ]
        )
        box.add_class("actspec-controls")
        row = widgets.Box([self.button])
        row.add_class("actspec-plant")
        super().__init__([widgets.HTML("<h4>One of your own</h4>"), box, row])
