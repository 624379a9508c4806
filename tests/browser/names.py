"""What a keyboard can reach or a screen reader meets, and what it is called."""

# The accessible name as the browser computes it for the elements that occur here: labels, aria, text, title.
NAMELESS = """selector => {
  const words = e => (e?.textContent ?? '').trim();
  const named = e => e.getAttribute('aria-label')?.trim()
    || (e.getAttribute('aria-labelledby') ?? '').split(' ').map(id => words(id && document.getElementById(id))).join('')
    || [...(e.labels ?? [])].map(words).join('')
    || (['BUTTON', 'A', 'SUMMARY'].includes(e.tagName) || ['tab', 'option'].includes(e.getAttribute('role'))
        ? words(e) : '')
    || e.getAttribute('title')?.trim() || e.getAttribute('alt')?.trim();
  const met = [...document.querySelectorAll(selector)].flatMap(root => [...root.querySelectorAll(
    'a[href], button, input, select, textarea, [tabindex], [contenteditable=true], [role=slider], [role=img], img,' +
    '.actspec-figure > svg')]);
  const seen = e => e.getClientRects().length && !e.closest('[aria-hidden=true]');
  return met.filter(e => seen(e) && !named(e)).map(e => e.outerHTML.slice(0, 160)); }"""


def nameless(page, selector=".actspec"):
    """Controls and drawings without a name, once the names had a moment to arrive."""
    page.wait_for_timeout(300)
    return page.evaluate(NAMELESS, selector)
