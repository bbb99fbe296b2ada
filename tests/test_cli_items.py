"""`fastemb items`, as a user types it."""

import pytest
from test_item2vec import OF_A_GROUP, planted

from fastemb import Item2Vec
from fastemb.cli import main

FEW = ["--vector-size", "16", "--alpha", "0.05", "--epochs", "20", "--own-noise", "--workers", "1", "--quiet"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("items")
    baskets = planted(800)
    (folder / "baskets.txt").write_text("".join(" ".join(basket) + "\n" for basket in baskets))
    rows = [f'{k},"{item}",{10_000 * k + 5 * n}' for k, basket in enumerate(baskets) for n, item in enumerate(basket)]
    (folder / "events.csv").write_text("session,item,seen\n" + "\n".join(rows) + "\n")
    items = sorted({item for basket in baskets for item in basket})
    lines = [f"{item}\tgroup={item[0]}" for item in items] + ["cold\tgroup=3", ""]
    (folder / "features.txt").write_text("\n".join(lines))
    arguments = ["items", "train", str(folder / "baskets.txt"), "-o", str(folder / "model"), *FEW]
    assert main([*arguments, "--features", str(folder / "features.txt")]) == 0
    return folder


def shown(capsys):
    return [line.split() for line in capsys.readouterr().out.splitlines()]


def test_what_was_trained_is_what_python_trains(folder):
    model = Item2Vec.load(folder / "model")
    assert (model.vector_size, model.epochs, model.shared_noise, model.sets) == (16, 20, False, True)
    assert "cold" in model.wv


def test_similar_items_and_recommendations_are_shown(folder, capsys):
    path = str(folder / "model")
    assert main(["items", "similar", path, "3-1", "--topn", "4"]) == 0
    head, *rows = shown(capsys)
    assert head == ["3-1"]
    assert len(rows) == 4
    assert all(item[0] == "3" and item != "3-1" for _, item in rows)
    assert main(["items", "recommend", path, "3-1", "3-2", "--topn", "3", "--without", "3-3"]) == 0
    head, *rows = shown(capsys)
    assert head == ["3-1", "3-2"]
    assert len(rows) == 3
    assert not {"3-1", "3-2", "3-3"} & {item for _, item in rows}
    assert main(["items", "recommend", path, "cold", "--cold", "--topn", str(OF_A_GROUP)]) == 0
    assert {item[0] for _, item in shown(capsys)[1:]} == {"3"}


def test_items_of_a_model_may_be_numbers(tmp_path, capsys):
    path, later = str(tmp_path / "model"), tmp_path / "later.txt"
    Item2Vec([[1, 2], [3, 4]] * 9, vector_size=4, workers=1, features={5: ["x"], 1: ["x"]}).save(path)
    later.write_text("1 2\n")
    assert main(["items", "similar", path, "5", "--without", "1", "--cold", "--topn", "9"]) == 0
    head, *rows = shown(capsys)
    assert (head, {item for _, item in rows}) == (["5"], {"2", "3", "4"})
    assert main(["items", "recommend", path, "1", "2"]) == 0
    assert {item for _, item in shown(capsys)[1:]} == {"3", "4"}
    assert main(["items", "evaluate", path, str(later)]) == 0
    assert "1 of 1 baskets" in capsys.readouterr().out


def test_tables_are_read_and_evaluated(folder, capsys):
    columns = ["--columns", "session,item,seen"]
    events, output = str(folder / "events.csv"), str(folder / "sessions")
    assert main(["items", "train", events, *columns, "--sessions", "--gap", "100", "-o", output, *FEW]) == 0
    model = Item2Vec.load(output)
    assert model.corpus_count == 800
    assert model.sets is False
    assert main(["items", "evaluate", output, events, *columns, "--topn", "5", "--held-out", "last"]) == 0
    first, *rows = shown(capsys)
    assert first[1:5] == ["800", "of", "800", "baskets"]
    assert [row[0] for row in rows] == ["recall@5:", "ndcg@5:", "mrr@5:"]
    assert main(["items", "evaluate", str(folder / "model"), str(folder / "baskets.txt"), "--topn", "5"]) == 0
    assert float(shown(capsys)[1][1]) > 0.5
    dated = folder / "dated.tsv"
    dated.write_text("session\titem\tseen\n1\ta\t2026-11-27 10:00\n1\tb\t2026-11-27 10:05\n1\tc\t2026-11-27 12:00\n")
    arguments = ["items", "train", str(dated), *columns, "--gap", "1800", "-o", output, *FEW]
    assert main(arguments) == 0
    assert Item2Vec.load(output).corpus_count == 2


def test_errors_name_what_is_wrong(folder, capsys):
    bad = folder / "bad.csv"
    bad.write_text("user,item\n1,a\n2\n")
    mixed, later, long = folder / "mixed.csv", folder / "later.csv", folder / "long.csv"
    long.write_text("user,item\n1," + "x" * 200_000 + "\n")
    mixed.write_text("user,item,time\n1,a,5\n1,b,noon\n")
    later.write_text("user,item,time\n1,a,5\n1,b,nan\n")
    features = folder / "bad-features.txt"
    features.write_text("a\tx\nalone\n")
    out = ["-o", str(folder / "out"), *FEW]
    baskets, model = str(folder / "baskets.txt"), str(folder / "model")
    for arguments, text in [
        (["train", str(bad), "--columns", "user,item", *out], "bad.csv, line 3: 1 fields or an empty one, not 2"),
        (["train", str(bad), "--columns", "user,product", *out], "has no column 'product', but user, item"),
        (["train", str(mixed), "--columns", "user,item,time", *out], "as the first is, not 'noon' in line 3\n"),
        (["train", str(long), "--columns", "user,item", *out], "long.csv, line 2: field larger than field limit"),
        (["train", str(later), "--columns", "user,item,time", *out], "later.csv: times: the value of line 3 is miss"),
        (["train", str(bad), "--columns", "user", *out], "must be two or three names"),
        (["train", baskets, "--gap", "3", *out], "--gap is for --columns"),
        (["train", baskets, "--features", str(features), *out], "line 2: not an item, a tab and a feature"),
        (["train", baskets, "-o", baskets], "cannot be the output as well"),
        (
            ["train", baskets, "-o", str(folder / "i.csv")],
            "a model of items is written in fastemb's own format, not as",
        ),
        (["similar", model, "absent"], "the item 'absent' is unknown\n"),
        (["recommend", model, "3-1", "--without", "absent"], "'absent' of a filter is unknown\n"),
        (["recommend", model, "3-1", "--cold", "--by", "prediction"], "--by prediction needs output vectors"),
        (["evaluate", model, str(bad)], "has two known items"),
    ]:
        assert main(["items", *arguments]) == 1
        assert text in capsys.readouterr().err
    assert not (folder / "out").exists()
