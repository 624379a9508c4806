"""Lessons 5 to 9 as a learner meets them: run, an exercise wrong and right, the widget moved."""

from playwright.sync_api import expect

from browser.lessons import OpenLesson


def title(lesson):
    return lesson.page.locator(".actspec-title").last


def test_when_it_breaks(lab):
    lesson = OpenLesson(lab, "05-when-it-breaks")
    assert "case 1: shape right" in lesson.try_out("my_shrunk", "coefficient * (1 - 2 * flips)")
    assert "✓" in lesson.solve("my_shrunk")
    page = lesson.page
    expect(page.locator(".actspec-job")).to_contain_text("Done")
    page.get_by_label("What gets worse", exact=True).select_option("signs misread [share]")
    expect(page.locator(".actspec-title")).to_contain_text("signs misread")


def test_dropout(lab):
    lesson = OpenLesson(lab, "06-dropout-on-mnist")
    assert "case 0: shape right; coordinate 0" in lesson.try_out("my_noise_operator", "f_hat * (1 - p)")
    assert "✓" in lesson.solve("my_noise_operator")
    expect(title(lesson)).to_contain_text("from dropout 0 to 0.7")
    lesson.page.get_by_label("Shown against the rate", exact=True).select_option("Effective degree")
    expect(title(lesson)).to_contain_text("Effective degree, second hidden layer")


def test_trace(lab):
    lesson = OpenLesson(lab, "07-trace-a-feature")
    said = lesson.try_out("my_parity_target", "(H[:, list(subset)] > 0).prod(axis=1)")
    assert "case 0: shape right; coordinate" in said and "yours 0.000, definition gives -1.000" in said
    assert "✓" in lesson.solve("my_parity_target")
    expect(title(lesson)).to_contain_text("subsets of 64 units")
    cut_at_mean = lesson.page.locator(".actspec").first
    expect(cut_at_mean.locator(".actspec-title")).to_contain_text("explains 3")
    cut_at_mean.get_by_label("A unit is on").select_option(label="above zero")
    expect(cut_at_mean.locator(".actspec-title")).to_contain_text("2 subsets of 2 units explain 100.00%")


def test_film_reviews(lab):
    lesson = OpenLesson(lab, "08-a-transformer-on-film-reviews")
    said = lesson.try_out("my_four_coefficients", "np.full(4, values.mean())")
    assert "case 0: shape right; coordinate 1: yours 0.000" in said
    assert "✓" in lesson.solve("my_four_coefficients")
    expect(title(lesson)).to_contain_text("subsets of 200 units")
    expect(lesson.page.locator(".actspec").last).to_contain_text("{too, seems}")


def test_own_model(lab):
    lesson = OpenLesson(lab, "09-bring-your-own-model")
    assert "the machine takes a list of True and False" in lesson.try_out("my_query", "machine(points)")
    assert "✓" in lesson.solve("my_query")
    expect(title(lesson)).to_contain_text("subsets of 64 units")
    before = title(lesson).inner_text()
    lesson.page.get_by_label("A unit is on", exact=True).select_option(label="above its mean")
    expect(title(lesson)).not_to_have_text(before)
