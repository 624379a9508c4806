"""Colours, markers and style sheet: readable in JupyterLab's light and dark themes, also when switched live.

Text takes its colour from the theme's CSS variables. bqplot's own dark rule makes titles and axis labels
orange; the rules here, put on our figures' class, replace it.
"""

from __future__ import annotations

from dataclasses import dataclass

import ipywidgets as widgets

INK = "var(--jp-content-font-color1, #222)"
MUTED = "var(--jp-content-font-color2, #555)"
RULE = "var(--jp-border-color2, #cfd4da)"
# A map's lightest shade, its darkest one, the darkest on which numbers are read, and no cell at all.
PAPER, SLATE, MIST, BLANK = "#f1f3f5", "#5b6b7d", "#b4c0cc", "#ffffff"


@dataclass(frozen=True)
class DegreeStyle:
    """How subsets of one size look: a colour and, as a second cue, a shape.

    Attributes
    ----------
    colour : str
        Contrast at least 3 with both themes' backgrounds (#fff and #111).
    marker : str
        bqplot's name of the shape.
    glyph : str
        The same shape as a character.
    outline : str
        The same shape as an SVG path in a box of 12 by 12.
    """

    colour: str
    marker: str
    glyph: str
    outline: str


DEGREES = (
    DegreeStyle("#2272b4", "circle", "●", "M6 1.5a4.5 4.5 0 1 0 .01 0z"),
    DegreeStyle("#bd5319", "diamond", "◆", "M6 .5 10.5 6 6 11.5 1.5 6z"),
    DegreeStyle("#2e7d4a", "triangle-up", "▲", "M6 1 11.5 10.5H.5z"),
    DegreeStyle("#8a55a8", "square", "■", "M1.5 1.5h9v9h-9z"),
    DegreeStyle("#7d6a17", "cross", "✚", "M4.2 .8h3.6v3.4h3.4v3.6H7.8v3.4H4.2V7.8H.8V4.2h3.4z"),
)


def degree_class(degree: int) -> int:
    """Index into DEGREES; the last one stands for its own size and all larger ones."""
    return min(max(degree, 1), len(DEGREES)) - 1


def degree_style(degree: int) -> DegreeStyle:
    return DEGREES[degree_class(degree)]


WHISKER = (
    '<svg class="actspec-mark" viewBox="0 0 12 12" aria-hidden="true">'
    f'<path d="M.5 6h11M1 3.5v5M11 3.5v5" stroke="{MUTED}" stroke-width="1.3" fill="none"/></svg>'
)


def degree_mark(degree: int) -> str:
    """The shape in its colour as inline SVG: a picture, so that the colour need not be readable as text."""
    style = degree_style(degree)
    path = f'<path d="{style.outline}" fill="{style.colour}"/>'
    return f'<svg class="actspec-mark" viewBox="0 0 12 12" aria-hidden="true">{path}</svg>'


CSS = f"""<style>
.actspec {{ color: {INK}; font-size: 13px; line-height: 1.45; padding: 4px 2px 12px; box-sizing: border-box;
  font-family: var(--jp-content-font-family, system-ui, sans-serif); overflow: visible; }}
.actspec .widget-html, .actspec .jupyter-widgets.widget-html-content {{ margin: 0; }}
.actspec .widget-html-content {{ line-height: 1.45; color: {INK}; font-size: 13px; overflow-wrap: anywhere;
  align-self: stretch; width: 100%; }}
.actspec .widget-html {{ height: auto; width: auto; }}
.actspec p {{ margin: 0 0 6px; }}
.actspec > *, .actspec-twin > * {{ flex-shrink: 0; }}
.actspec .actspec-title {{ font-size: 18px; font-weight: 600; line-height: 1.3; margin: 0 0 2px; text-wrap: balance; }}
.actspec .actspec-muted {{ color: {MUTED}; }}
.actspec .actspec-mark {{ width: 11px; height: 11px; vertical-align: -1px; margin-right: 5px; }}
.actspec-hidden {{ display: none !important; }}
.actspec-spoken {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }}

.actspec-controls {{ display: grid !important; gap: 10px 14px; margin: 12px 0 2px; overflow: visible;
  grid-template-columns: repeat(auto-fit, minmax(120px, 1fr)); }}
.actspec-field {{ overflow: visible; min-width: 0; }}
.actspec-field > .widget-inline-hbox {{ display: grid; width: auto; height: auto; margin: 0; align-items: center;
  grid-template-columns: 1fr auto; }}
.actspec-field > .widget-inline-hbox > .widget-label {{ text-align: left; width: auto; font-weight: 600; margin: 0;
  color: {INK}; height: 24px; line-height: 24px; }}
.actspec-field > .widget-inline-hbox > select {{ grid-column: 1 / -1; width: 100%; margin: 0; min-width: 0;
  height: 28px; }}
.actspec-field > .widget-inline-hbox > input {{ grid-column: 1 / -1; width: 100%; margin: 0; }}
.actspec-field > .widget-inline-hbox > select[multiple] {{ height: 88px; }}
.actspec-field > .widget-slider > .slider-container {{ grid-column: 1 / -1; grid-row: 2; margin: 0 8px; height: 28px;
  display: flex; align-items: center; }}
.actspec-field > .widget-slider .slider {{ flex: 1; margin: 0; }}
.actspec-field > .widget-slider > .widget-readout {{ grid-column: 2; grid-row: 1; margin: 0; padding: 0;
  height: 24px; line-height: 24px; text-align: right; min-width: 20px; width: auto; color: {INK}; }}
.actspec-field .widget-html-content {{ font-size: 12px; line-height: 1.35; color: {MUTED}; padding-top: 3px; }}

.actspec-units-row {{ display: flex; flex-wrap: wrap; gap: 4px; margin: 4px 0; overflow: visible; }}
.actspec-units-row .widget-button, .actspec-units-row .widget-toggle-button {{ width: auto; min-width: 34px;
  margin: 0; padding: 0 6px; }}
.actspec-plant .widget-button {{ width: auto; margin: 0; }}
.actspec-field.actspec-narrow {{ max-width: 320px; }}
.actspec-plant {{ display: flex; flex-wrap: wrap; gap: 6px 14px; align-items: center; overflow: visible; }}
.actspec-plant .widget-inline-hbox {{ margin: 0; width: auto; }}
.actspec-plant .widget-label {{ width: auto; color: {INK}; font-weight: 600; }}
.actspec-plant > .actspec-field {{ flex: 0 1 230px; align-self: flex-start; }}
.actspec-plant > .actspec-field ~ .widget-button {{ align-self: flex-start; margin-top: 24px; }}

.actspec p.actspec-hint {{ margin-top: 8px; }}

.actspec.jupyter-widgets-disconnected {{ pointer-events: none; }}
.actspec.jupyter-widgets-disconnected .jupyter-widgets-disconnected::before {{ content: none; }}
.actspec.jupyter-widgets-disconnected .actspec-job {{ display: none; }}
.jupyter-widgets.actspec.jupyter-widgets-disconnected::before {{
  content: "This picture is from before: its kernel is gone. Run the cell again."; display: block; margin: 4px 0 8px;
  padding: 6px 10px; border-left: 4px solid {DEGREES[1].colour}; color: {INK}; font: inherit; font-weight: 600; }}
.actspec-job {{ min-height: 34px; align-items: center; gap: 10px; margin: 4px 0; flex-wrap: wrap; overflow: visible; }}
.actspec-job .widget-button {{ margin: 0; width: auto; }}
.actspec-job .widget-progress {{ width: 180px; margin: 0; }}
.actspec-job .progress {{ background: {RULE}; height: 8px; border-radius: 4px; align-self: center; }}
.actspec-job .progress-bar {{ border-radius: 4px; background-color: {DEGREES[0].colour}; }}
.actspec-job .widget-html-content {{ color: {MUTED}; }}
.actspec-job.actspec-running > .actspec-late {{ animation: actspec-appear 0s linear 0.3s both; }}
@keyframes actspec-appear {{ from {{ visibility: hidden; }} to {{ visibility: visible; }} }}

.actspec-place {{ margin-bottom: 6px; overflow: visible; }}
.actspec-banner [role=alert] {{ border-left: 4px solid #c0392b; padding: 6px 12px; margin: 2px 0 8px;
  background: var(--jp-layout-color2, #f3f3f3); color: {INK}; }}

.actspec-main {{ flex-wrap: wrap; gap: 8px 28px; align-items: flex-start; overflow: visible; }}
.actspec-main > .actspec-bars, .actspec-main > .actspec-tabs {{ flex: 3 1 460px; min-width: 0; overflow: visible; }}
.actspec-main > .actspec-side {{ flex: 2 1 320px; min-width: 0; overflow: visible; }}
.actspec-main:has(> .actspec-tabs .actspec-wide:not(.lm-mod-hidden, .lm-mod-hidden *)) > .actspec-tabs {{
  flex-basis: 100%; }}
.actspec .actspec-tabs.widget-tab > .widget-tab-contents {{ border: none; padding: 8px 0 0;
  background: transparent; color: {INK}; }}
.actspec .actspec-tabs.widget-tab > .lm-TabBar {{ min-height: 0; overflow: visible;
  --jp-widgets-horizontal-tab-width: auto; }}
.actspec .actspec-tabs.widget-tab > .lm-TabBar > .lm-TabBar-content {{ flex-wrap: wrap; }}
.actspec .actspec-tabs.widget-tab > .lm-TabBar .lm-TabBar-tab {{ flex: 0 0 auto; min-width: 0; padding: 2px 12px;
  border: none; background: transparent; color: {MUTED}; border-bottom: 2px solid transparent; margin: 0;
  transform: none; }}
.actspec .actspec-tabs.widget-tab > .lm-TabBar .lm-TabBar-tab::before {{ display: none; }}
.actspec .actspec-tabs.widget-tab > .lm-TabBar .lm-TabBar-tab.lm-mod-current {{ color: {INK}; font-weight: 600;
  border-bottom-color: {DEGREES[0].colour}; }}
.actspec-tabs .widget-vbox {{ overflow: visible; }}
/* A tab left before its figure was laid out: bqplot computes negative sizes for a figure without room */
.actspec-tabs > .widget-tab-contents {{ position: relative; }}
.actspec-tabs > .widget-tab-contents > .lm-mod-hidden {{ display: block !important; visibility: hidden;
  position: absolute; width: 100%; height: 0; overflow: hidden !important; }}
.actspec-beside {{ display: flex; flex-wrap: wrap; gap: 12px 32px; align-items: flex-start; overflow: visible; }}
.actspec-beside > .widget-vbox {{ flex: 1 1 360px; min-width: 0; overflow: visible; }}
.actspec-sides {{ display: flex; flex-wrap: wrap; gap: 4px 28px; }}
.actspec-sides > section {{ flex: 1 1 260px; min-width: 0; }}
.actspec-samples {{ display: flex; flex-wrap: wrap; gap: 10px 12px; margin-bottom: 8px; }}
.actspec figure {{ margin: 0; }}
.actspec figcaption {{ font-size: 12px; line-height: 1.35; color: {INK}; }}
.actspec figure.actspec-text {{ flex: 1 1 100%; border-left: 2px solid {RULE}; padding-left: 8px; }}
.actspec blockquote {{ margin: 0; padding: 0; border: none; color: {INK}; font-size: 13px; }}
.actspec-sample {{ display: flex; gap: 16px; align-items: flex-start; }}
.actspec-sample > div {{ flex: 1; min-width: 0; }}
.actspec-image {{ image-rendering: pixelated; }}
[data-jp-theme-light="false"] .actspec-image {{ filter: invert(1); }}
.actspec-what-if > .widget-button {{ align-self: flex-start; margin: 6px 0; }}
.actspec-legend {{ display: flex; flex-wrap: wrap; gap: 2px 18px; color: {INK}; }}
.actspec h4 {{ margin: 8px 0 2px; font-size: 15px; font-weight: 600; color: {INK}; overflow-wrap: anywhere; }}

/* bqplot's WebGL canvas, empty here, keeps its old width after the page has become narrower */
.actspec-figure > canvas {{ display: none; }}
.actspec-figure {{ --bq-content-font-color: {INK}; --bq-mainheading-fill: {INK}; --bq-axislabel-fill: {INK};
  --bq-axis-tick-text-fill: {INK}; --bq-stick-stroke: {MUTED}; --bq-network-link-stroke: {MUTED};
  --bq-background: transparent; --bq-plotarea-background-fill: transparent; }}
.actspec-figure .axis text.axislabel {{ font-size: 12px !important; font-weight: 400; }}
.actspec-figure .axis .tick text {{ font-size: 12px; font-weight: 400; }}
.actspec-figure .axis .domain {{ stroke: none !important; }}
.actspec-figure .axis .tick.short line {{ stroke: none !important; }}
.actspec-map image {{ mix-blend-mode: multiply; }}
[data-jp-theme-light="false"] .actspec-map image {{ filter: invert(1) hue-rotate(180deg); mix-blend-mode: screen; }}
.actspec-figure {{ margin: 0 !important; }}
/* a number lies on its cell, which is what a click means */
.actspec-figure text {{ pointer-events: none; }}
.actspec-figure rect.bar {{ cursor: pointer; }}
.actspec-spectrum .plotarea_events ~ g > g:first-child .zeroLine,
.actspec-influence .plotarea_events ~ g > g:first-child .zeroLine,
.actspec-matrix .plotarea_events ~ g > g:first-child .zeroLine,
.actspec-outcome .plotarea_events ~ g > g:first-child .zeroLine {{ display: none; }}
.actspec-spectrum .plotarea_events ~ g > g:first-child rect.bar:hover,
.actspec-influence .plotarea_events ~ g > g:first-child rect.bar:hover,
.actspec-matrix .plotarea_events ~ g > g:first-child rect.bar:hover {{ opacity: 0.1 !important; }}
.bqplot_mark_tooltip {{ --bq-content-font-color: {INK}; }}

.actspec-part {{ overflow: visible; min-width: 0; margin-bottom: 14px; }}
.actspec-part > * {{ flex-shrink: 0; }}
.actspec .actspec-part h4 {{ margin: 4px 0 0; }}
.actspec-scrolls {{ overflow-x: auto; overflow-y: hidden; max-width: 100%; }}
.actspec-scrolls > * {{ flex-shrink: 0; }}
.actspec-part .actspec-caption p {{ margin: 0 0 4px; }}
.actspec-twin {{ margin-top: 4px; overflow: visible; }}
.actspec-twin-row {{ display: flex; flex-wrap: wrap; gap: 4px 6px; align-items: center; overflow: visible; }}
.actspec-twin-row .widget-button, .actspec-twin-row .widget-toggle-button {{ width: auto; min-width: 0; margin: 0;
  padding: 0 9px; height: 26px; line-height: 26px; font-size: 12px; }}
.actspec-downloads {{ display: flex; flex-wrap: wrap; gap: 4px; align-items: center; }}

.actspec-table {{ max-height: 320px; width: fit-content; max-width: 100%; overflow: auto; margin: 4px 0 10px;
  border-top: 1px solid {RULE}; }}
.actspec-table table {{ border-collapse: collapse; font-size: 12px; color: {INK}; margin: 0; }}
.actspec-table th, .actspec-table td {{ padding: 3px 14px 3px 6px; text-align: right; white-space: nowrap; color: {INK};
  background: transparent; font-variant-numeric: tabular-nums; font-weight: 400; }}
.actspec-table thead th {{ font-weight: 600; border-bottom: 1px solid {RULE}; position: sticky; top: 0;
  background: var(--jp-layout-color0, #fff); }}
.actspec-table button {{ font: inherit; color: inherit; background: none; border: 0; padding: 0; text-align: inherit;
  cursor: pointer; white-space: inherit; overflow-wrap: inherit; }}
.actspec-table thead button:hover {{ text-decoration: underline; }}
.actspec-table tbody tr:hover > *, .actspec-table tr.actspec-chosen > * {{ background: var(--jp-layout-color2, #eee); }}
.actspec-table tr.actspec-chosen > :first-child {{ box-shadow: inset 3px 0 {DEGREES[0].colour}; font-weight: 600; }}
.actspec-table .actspec-units {{ text-align: left; white-space: normal; overflow-wrap: anywhere; min-width: 110px;
  max-width: 420px; }}
</style>"""


def style_sheet() -> widgets.HTML:
    """The first child of every instrument's outer box; it takes no room."""
    sheet = widgets.HTML(CSS)
    sheet.layout.display = "none"
    return sheet
