"""The contrast of each text on a page with what lies behind it."""

from __future__ import annotations

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


def contrasts(page, selector: str) -> list[tuple[str, str, str, float]]:
    """``(text, ink, background, ratio)`` of every visible text at or below the selected elements."""
    return [tuple(row) for row in page.evaluate(CONTRASTS, selector)]


def faint_texts(page, selector: str, least: float = 4.5) -> list[tuple[str, str, str, float]]:
    """Texts below the contrast that WCAG AA asks for; an AssertionError when there is no text at all."""
    rows = contrasts(page, selector)
    if not rows:
        raise AssertionError(f"no visible text in {selector!r}; is the selector right?")
    return [row for row in rows if row[3] < least]
