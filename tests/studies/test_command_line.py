"""Studies and the ledger from the command line."""

import io
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import actspec_widgets.studies.__main__ as command_line
from actspec_widgets.studies import STUDIES, Verdict, grid, headlines, ledger, load, run
from studies.toy import Toy, stubborn_run, study

TESTS = Path(__file__).parent.parent
TABLES = {f"{name}.csv" for name in STUDIES}
NO_MARKER = ("None", "", " ", None, "|", "_")  # plain lines, and the ends of error bars


def findings(table):
    mean = table.mean_logit.mean()
    return (
        Verdict("The mean | is zero", f"{mean:.2f} ± 0.20", "holds", "of all", "within two standard errors", "0"),
        Verdict("Draws grow (first)", "1.0 ± 0.1", "holds", rule="above zero"),
        Verdict("The mean | is zero (again)", "0.1 ± 0.1", "holds", rule="within two standard errors"),
        Verdict("Draws grow (second)", "-1.0 ± 0.1", "does not hold", rule="above zero"),
    )


@pytest.fixture
def toy(monkeypatch):
    found = study(findings=findings)
    monkeypatch.setattr(command_line, "load", lambda name: found)
    monkeypatch.setattr(ledger, "load", lambda name: found)
    return found


def test_a_study_leaves_its_table_and_ends_in_the_verdicts_of_the_ledger(toy, tmp_path, capsys):
    assert command_line.main(["recovery", "--out", str(tmp_path), "--quick"]) == 0
    assert len(pd.read_csv(tmp_path / "results" / "recovery.csv")) == 4
    said = capsys.readouterr().out
    assert "4 rows in" in said and "holds: " in said and f"the ledger is {tmp_path / 'ledger.md'}" in said
    assert "(4 rows, version 1, grid " in (tmp_path / "ledger.md").read_text()


def test_without_a_folder_a_checkout_gets_its_page_and_anybody_else_a_new_folder(toy, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    command_line.main(["recovery"])
    assert (tmp_path / "actspec-studies" / "ledger.md").exists()
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "ledger.md").write_text("the page of a checkout")
    command_line.main(["recovery", "--quick"])
    assert (tmp_path / "notebooks" / "ledger.md").read_text() == "the page of a checkout"
    assert "Not the full grid" in (tmp_path / "actspec-studies-quick" / "ledger.md").read_text()
    command_line.main(["recovery"])
    assert "The mean" in (tmp_path / "notebooks" / "ledger.md").read_text()
    assert len(pd.read_csv(tmp_path / "notebooks" / "results" / "recovery.csv")) == 12


def test_two_workers_give_the_same_table(toy, tmp_path):
    assert command_line.main(["recovery", "--out", str(tmp_path), "--workers", "2"]) == 0
    there, here = pd.read_csv(tmp_path / "results" / "recovery" / "table.csv"), run(toy)
    assert there.mean_logit.tolist() == here.mean_logit.tolist()


def test_what_is_wrong_is_one_sentence_and_the_status_says_so(toy, tmp_path, capsys):
    run(study(version=2), out=tmp_path / "results" / "recovery")
    assert command_line.main(["recovery", "--out", str(tmp_path)]) == 1
    assert "another version" in capsys.readouterr().err
    assert command_line.main(["ledger", "--out", str(tmp_path / "none")]) == 1
    assert "holds no table" in capsys.readouterr().err
    for arguments in (["recovry"], ["recovery", "--out", "x", "--workers", "0"]):
        with pytest.raises(SystemExit):
            command_line.main(arguments)


def test_failed_cells_give_a_status_and_leave_a_whole_table_alone(toy, monkeypatch, tmp_path, capsys):
    failing = study(stubborn_run, findings=lambda table: (), full=grid(Toy, seed=range(2), trace=str(tmp_path)))
    for module in (command_line, ledger):
        monkeypatch.setattr(module, "load", lambda name: failing)
    assert command_line.main(["recovery", "--out", str(tmp_path)]) == 1
    assert "1 of 2 cells failed" in capsys.readouterr().err
    table = tmp_path / "results" / "recovery.csv"
    assert len(pd.read_csv(table)) == 1  # better than none
    (tmp_path / "mended").touch()
    assert command_line.main(["recovery", "--out", str(tmp_path)]) == 0
    whole = table.read_text()
    (tmp_path / "mended").unlink()
    shutil.rmtree(tmp_path / "results" / "recovery")
    assert command_line.main(["recovery", "--out", str(tmp_path)]) == 1
    assert table.read_text() == whole and len(pd.read_csv(table)) == 2


def tables_in(folder, study):
    (folder / "results").mkdir()
    run(study).to_csv(folder / "results" / "recovery.csv", index=False)


def test_the_ledger_opens_with_a_row_for_each_headline_its_cases_counted(toy, tmp_path, monkeypatch):
    ten = (headlines.Headline("They grow", ("Draws",), (("first: ", "Draws grow (f"), ("last: ", "Draws shrink"))),)
    monkeypatch.setattr(headlines, "HEADLINES", ten)
    with_overview = study(findings=findings, overview=lambda table: f"All {len(table)} draws.")
    monkeypatch.setattr(ledger, "load", lambda name: with_overview)
    tables_in(tmp_path, toy)
    assert [verdict.outcome for verdict in ledger.write_ledger(tmp_path)["recovery"]] == [
        "holds", "holds", "holds", "does not hold"
    ]  # fmt: skip
    page = (tmp_path / "ledger.md").read_text()
    row = "| They grow | **holds in part** | first: 1.0 ± 0.1 | 2: [recovery](#a-toy)† |"
    assert "![" in page and 0 < page.index("(images/ledger.png)") < page.index(row) < page.index("## A toy")
    assert "All 12 draws." in page


def test_the_ledger_has_a_short_cell_for_each_case_the_rest_folded_and_each_rule_once_at_the_end(toy, tmp_path):
    tables_in(tmp_path, toy)
    assert command_line.main(["ledger", "--out", str(tmp_path)]) == 0
    page = (tmp_path / "ledger.md").read_text()
    rule = "[{}](#the-rules-of-the-verdicts) |\n".format
    table = (
        "| The mean \\| is zero |  | 0 | **holds** | " + rule("a")
        + "|  | again | 0.1 ± 0.1 | **holds** | " + rule("a")
        + "| Draws grow | first | 1.0 ± 0.1 | **holds** | " + rule("b")
        + "|  | second | -1.0 ± 0.1 | **does not hold** | " + rule("b")
    )  # fmt: skip
    folded = "<details><summary>All that was measured</summary>\n\n- *The mean | is zero.* "
    assert 0 < page.index(table) < page.index(folded) < page.index("## The rules of the verdicts")
    assert "± 0.20. Of all.\n\n</details>" in page
    assert page.endswith("- **a**: within two standard errors.\n- **b**: above zero.\n")
    assert "`python -m actspec_widgets.studies recovery`" in page
    assert "not there: noise, comparison, dropout, published, sentiment" in page


def test_an_old_table_cannot_pass_for_a_new_one(toy, tmp_path, monkeypatch, capsys):
    command_line.main(["recovery", "--out", str(tmp_path)])
    page, path = tmp_path / "ledger.md", tmp_path / "results" / "recovery.csv"
    assert "version 1, grid " in page.read_text() and "An older table" not in page.read_text()
    monkeypatch.setattr(ledger, "load", lambda name: study(findings=findings, version=2))
    assert command_line.main(["ledger", "--out", str(tmp_path)]) == 0
    assert "**An older table: version 1 made it, the study is at version 2.**" in page.read_text()
    pd.read_csv(path).drop(columns="made_by").to_csv(path, index=False)
    assert command_line.main(["ledger", "--out", str(tmp_path)]) == 0
    assert "This table does not say which version made it" in page.read_text()
    for stamp in ("noise-2-71da8b0a", "by hand"):
        run(toy).assign(made_by=stamp).to_csv(path, index=False)
        assert command_line.main(["ledger", "--out", str(tmp_path)]) == 1
        assert f"is stamped {stamp!r}, so it is no table of the study 'toy'" in capsys.readouterr().err


def test_a_study_whose_table_is_not_kept_yet_runs_by_name_and_then_stands_on_the_page(toy, tmp_path):
    tables_in(tmp_path, toy)
    assert command_line.main(["encoder", "--out", str(tmp_path), "--quick"]) == 0
    page = (tmp_path / "ledger.md").read_text()
    assert "studies recovery`" in page and "studies encoder`" in page
    assert "encoder" not in page[page.index("not there:") :]


def test_a_killed_run_goes_on_and_computes_nothing_twice(tmp_path):
    script = f"""
import sys; sys.path.insert(0, {str(TESTS)!r})
from studies.toy import Toy, study
from actspec_widgets.studies import grid, run
run(study(), cells=grid(Toy, seed=range(8), trace={str(tmp_path)!r}, wait=0.2), out={str(tmp_path / "out")!r})
"""
    process = subprocess.Popen([sys.executable, "-c", script])
    rows = tmp_path / "out" / "rows.jsonl"
    try:
        end = time.monotonic() + 60
        while not (rows.exists() and len(rows.read_bytes().splitlines()) >= 3) and time.monotonic() < end:
            time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    kept = len(rows.read_bytes().splitlines())
    assert 3 <= kept < 8
    subprocess.run([sys.executable, "-c", script], check=True)
    computed = sorted(int(path.name.split("-")[0]) for path in tmp_path.iterdir() if path.name[0].isdigit())
    assert set(computed) == set(range(8))
    assert len(computed) <= 9  # only the cell that was cut off in the middle may have begun twice
    assert len(pd.read_csv(tmp_path / "out" / "table.csv")) == 16


def test_all_runs_every_study_and_goes_on_with_nothing_left_to_do(toy, tmp_path, capsys):
    assert command_line.main(["all", "--out", str(tmp_path), "--quick"]) == 0
    page = (tmp_path / "ledger.md").read_text()
    assert page.count("**Not the full grid: 2 of the grid's 6 cells are there.**") == len(STUDIES)
    rows = tmp_path / "results" / "recovery" / "rows.jsonl"
    kept = rows.read_bytes()
    assert command_line.main(["all", "--out", str(tmp_path), "--quick"]) == 0
    assert rows.read_bytes() == kept


def test_a_study_that_cannot_run_stops_no_other(toy, tmp_path, monkeypatch, capsys):
    lacking = study(findings=findings, needs=lambda: "get the data first")
    monkeypatch.setattr(command_line, "load", lambda name: lacking if name == "dropout" else toy)
    assert command_line.main(["all", "--out", str(tmp_path / "out"), "--quick"]) == 1
    assert "dropout: get the data first" in capsys.readouterr().err
    assert "not there: dropout" in (tmp_path / "out" / "ledger.md").read_text()


def test_the_ledger_says_what_a_table_lacks_and_refuses_what_is_none(toy, tmp_path, monkeypatch, capsys):
    command = ["ledger", "--out", str(tmp_path)]
    tables_in(tmp_path, toy)
    whole, table, page = run(toy), tmp_path / "results" / "recovery.csv", tmp_path / "ledger.md"
    other = run(toy, cells=grid(Toy, seed=range(2), scale=2.0))
    pd.concat([whole, other]).to_csv(table, index=False)
    assert command_line.main(command) == 0
    assert "**Not the full grid: 2 cells are of another grid" in page.read_text()
    whole.to_csv(table, index=False, float_format="%.4g")
    assert command_line.main(command) == 0
    assert "Not the full grid" not in page.read_text()
    for content, said in (
        ("a,b\n1,2\n", "has no column seed, scale, trace, so it is no table of the study 'toy'"),
        ("", "cannot be read as a table"),
        (whole.drop(columns="mean_logit").to_csv(index=False), "has no column 'mean_logit'"),
    ):
        table.write_text(content)
        monkeypatch.setattr(ledger, "load", lambda name: study(findings=lambda table: [table["mean_logit"]] and ()))
        assert command_line.main(command) == 1
        assert said in capsys.readouterr().err
    whole.to_csv(table, index=False)
    page.unlink()
    page.mkdir()
    assert command_line.main(command) == 1
    assert "could not write the page" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["recovery", "noise", "dropout", "sentiment"])
def test_a_picture_in_the_ledger_keeps_the_colours_that_tell_lines_apart(name):
    from matplotlib.colors import to_rgb
    from PIL import Image

    picture = load(name).figure(pd.read_csv(TESTS.parent / "notebooks" / "results" / f"{name}.csv"))
    drawn = {
        to_rgb(line.get_color()) for axes in picture.axes for line in axes.lines if line.get_marker() not in NO_MARKER
    }
    shown = Image.open(io.BytesIO(ledger._picture(picture))).convert("RGB")
    pixels = np.array([colour for _, colour in shown.getcolors(shown.width * shown.height)]) / 255
    assert len(drawn) > 1
    for colour in drawn:
        assert np.abs(pixels - colour).sum(axis=1).min() < 0.1


def test_a_note_beside_the_tables_stands_at_the_top_of_the_page(toy, tmp_path):
    command_line.main(["recovery", "--out", str(tmp_path)])
    (tmp_path / "results" / "note.md").write_text("Made on a Sunday.\n")
    ledger.write_ledger(tmp_path)
    page = (tmp_path / "ledger.md").read_text()
    assert 0 < page.index("\nMade on a Sunday.\n") < page.index("## A toy")


def test_the_ledger_in_the_repository_is_that_of_its_tables(tmp_path):
    notebooks = TESTS.parent / "notebooks"
    shutil.copytree(
        notebooks / "results", tmp_path / "results", ignore=lambda folder, names: set(names) - TABLES - {"note.md"}
    )
    verdicts = ledger.write_ledger(tmp_path)
    page = (tmp_path / "ledger.md").read_text(encoding="utf-8")
    assert page == (notebooks / "ledger.md").read_text(encoding="utf-8"), "python -m actspec_widgets.studies ledger"
    assert "Not the full grid" not in page and "does not say which version" not in page
    rows = headlines.told(verdicts)
    assert len(rows) == 10 and sum(len(cases) for _, cases in rows) == sum(map(len, verdicts.values()))
    cells = [line.split(" | ") for line in page.split("<details>")[0].splitlines() if line.startswith("| ")]
    assert all(len(cell) < 120 for row in cells for cell in row[:3])
    for name in STUDIES:
        assert f"(images/study-{name}.png)" in page and (tmp_path / "images" / f"study-{name}.png").stat().st_size
        assert (notebooks / "images" / f"study-{name}.png").stat().st_size < 150_000
