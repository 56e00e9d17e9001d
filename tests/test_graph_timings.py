"""The three ways that docs/graph_timings.rst compares compute the same, and its table is what the program writes."""

import csv

import pytest

pytest.importorskip("matplotlib", reason="matplotlib is not installed")

import minitfe as tf
import minitfe.contrib.eager as tfe
from tests.benchmarks import graph_timings
from tests.benchmarks.timing import check


@pytest.mark.parametrize("work", graph_timings.WORK)
@pytest.mark.parametrize("ops", [1, 5])
def test_the_ways_agree(work, ops):
    ways = graph_timings.peers(work, ops, size=3)
    assert list(ways) == ["eager", "session", "defun"]
    check(ways)


def test_the_work_has_as_many_operations_as_it_says():
    traced = tfe.defun(graph_timings.value(7))
    assert len(traced.graph_text(tf.zeros([2])).splitlines()) == 7 + 2


def test_a_row_has_all_columns(tmp_path, monkeypatch):
    row = graph_timings.measure("value", 1, 1_000, rounds=1)
    assert tuple(row) == graph_timings.COLUMNS
    assert row["size"] == "1,000"
    for name in ("TABLE", "ORIGIN", "PICTURE"):
        monkeypatch.setattr(graph_timings, name, tmp_path / f"{name}.svg")
    monkeypatch.setattr(graph_timings, "SIZES", (1_000,))
    graph_timings.write([row, {**row, "work": "gradient"}], rounds=1)
    assert "<svg" in (tmp_path / "PICTURE.svg").read_text()
    assert "graph_timings --write --rounds 1``" in (tmp_path / "ORIGIN.svg").read_text()
    with (tmp_path / "TABLE.svg").open(encoding="utf-8") as file:
        assert [line["work"] for line in csv.DictReader(file, delimiter=";")] == ["value", "gradient"]


def test_the_table_of_the_page_is_complete():
    with graph_timings.TABLE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert tuple(rows[0]) == graph_timings.COLUMNS
    found = {(row["work"], row["size"], row["ops"]) for row in rows}
    assert found == {
        (work, f"{size:,}", str(ops))
        for work in graph_timings.WORK
        for size in graph_timings.SIZES
        for ops in graph_timings.OPS
        if ops * size <= graph_timings.MOST
    }
