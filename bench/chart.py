"""Draw the chart of speed, and write the tables of the README, from the runs that train.py and better.py stored.

    python bench/chart.py
    python bench/chart.py --picture fastemb-demo.png

The first writes docs/images/speed.svg and what stands between markers in README.md. The second makes of the picture
that `fastemb demo` drew one of few colours, and so of few bytes, docs/images/vectors.png. Both need matplotlib.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any

from train import ALGORITHMS, PARAMETERS, PROGRAMS, Record, by_settings, load, mean, median

BENCH = Path(__file__).parent
README = BENCH.parent / "README.md"
IMAGES = BENCH.parent / "docs" / "images"
NAMES = {
    "skipgram": "skip-gram",
    "cbow": "CBOW",
    "skipgram-hs": "skip-gram, hierarchical softmax",
    "cbow-hs": "CBOW, hierarchical softmax",
}
BEST = '`preset="best"`, beside skip-gram of gensim'
COLOURS = dict(zip(PROGRAMS, ("#2a7ab9", "#b8b8b8"), strict=True))

Rows = dict[str, dict[str, list[Record]]]


def rows_of(records: list[Record]) -> Rows:
    """The runs of each program, by what was run: an algorithm, and in what its settings differ from the first."""
    rows: Rows = {}
    usual = records[0]["settings"]
    for group in by_settings(records):
        others = [f", {name} {value}" for name, value in group[0]["settings"].items() if usual[name] != value]
        suffix = "".join(others).replace(", input list", " from a list of lists")
        for record in sorted(group, key=lambda record: [*ALGORITHMS].index(record["algorithm"])):
            name = NAMES[record["algorithm"]] + suffix
            rows.setdefault(name, {}).setdefault(record["program"], []).append(record)
    return {name: runs for name, runs in rows.items() if all(program in runs for program in PROGRAMS)}


def described(records: list[Record]) -> str:
    """What was run, and how often."""
    first = records[0]
    counts = sorted(len(runs) for row in rows_of(records).values() for runs in row.values())
    parameters = ", ".join(f"{name} {first['settings'][name]}" for name in PARAMETERS)
    return (
        f"{first['settings']['bytes'] / 1e6:,.0f} MB of text, {first['corpus_words'] / 1e6:.1f} M words, "
        f"{first['vocabulary']:,} in the vocabulary; {parameters}; runs of each program: "
        f"{' to '.join(map(str, dict.fromkeys((counts[0], counts[-1]))))}."
    )


def speed_table(records: list[Record]) -> str:
    lines = [
        "| | fastemb | gensim | gensim / fastemb | fastemb, peak memory | gensim |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, runs in rows_of(records).items():
        ours, theirs = (median(runs[program], "seconds") for program in PROGRAMS)
        peaks = " | ".join(f"{median(runs[program], 'peak_mb'):,.0f} MB" for program in PROGRAMS)
        lines.append(f"| {name} | {ours:.2f} s | {theirs:.2f} s | {theirs / ours:.1f} | {peaks} |")
    machines = " / ".join(dict.fromkeys(record["machine"] for record in records))
    return "\n".join([*lines, "", f"{described(records)} {machines}."])


def quality_table(records: list[Record]) -> str:
    lines = [
        "| | WordSim-353 | gensim | SimLex-999 | gensim | analogies, % | gensim |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    measures: list[dict[str, Any]] = [
        {"key": "ws353"},
        {"key": "simlex"},
        {"key": "analogies", "scale": 100, "digits": 1},
    ]
    rows = rows_of(records)
    for name, runs in {**rows, BEST: {**rows[NAMES["skipgram"]], "fastemb": best_runs()}}.items():
        means = (mean(runs[program], **measure) for measure in measures for program in PROGRAMS)
        lines.append(f"| {name} | {' | '.join(means)} |")
    return "\n".join([*lines, "", described(records)])


def best_runs() -> list[Record]:
    """The runs of the best preset that better.py stored, with the keys of those of train.py."""
    runs = json.loads((BENCH / "better.json").read_text(encoding="utf-8"))
    whole = [run for run in runs if run["name"] == "best" and run["corpus"].startswith("wiki-en-100mb")]
    scores = [run["scores"]["sum"] for run in whole]
    return [
        {"quality": {"ws353": each["WS353"][0], "simlex": each["SimLex"][0], "analogies": each["analogies"][0] / 100}}
        for each in scores
    ]


def stored_tables() -> dict[str, str]:
    """The tables of the README, by the names of their markers."""
    return {
        "speed": speed_table(load(BENCH / "speed.json")),
        "quality": quality_table(load(BENCH / "quality.json")),
    }


def with_tables(text: str, tables: dict[str, str]) -> str:
    """A text with tables in it, each between a pair of markers <!-- NAME --> and <!-- end of NAME -->."""
    for name, table in tables.items():
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        if text.count(begin) != 1 or text.count(end) != 1:
            raise SystemExit(f"chart.py: the text has no pair of markers {begin} and {end}")
        text = re.sub(f"{begin}.*{end}", lambda _, new=f"{begin}\n{table}\n{end}": new, text, flags=re.DOTALL)
    return text


def draw_speed(records: list[Record], path: Path) -> None:
    """A bar for each program and algorithm, as long as the seconds that a run took."""
    import matplotlib
    from matplotlib.figure import Figure

    # The same runs make the same file.
    matplotlib.rcParams["svg.hashsalt"] = "fastemb"
    rows = rows_of(records)
    figure = Figure(figsize=(8, 0.8 + 0.6 * len(rows)), layout="constrained")
    axes = figure.add_subplot(xlabel="seconds, from the text to the vectors")
    for offset, program in enumerate(PROGRAMS):
        seconds = [median(runs[program], "seconds") for runs in rows.values()]
        places = [row + 0.38 * offset for row in range(len(rows))]
        bars = axes.barh(places, seconds, 0.36, color=COLOURS[program], label=program)
        axes.bar_label(bars, [f"{value:.1f} s" for value in seconds], padding=3, fontsize=8)
    axes.set_yticks([row + 0.19 for row in range(len(rows))], list(rows))
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside upper right", ncols=len(PROGRAMS), frameon=False)
    figure.savefig(path, format="svg", metadata={"Date": None})


def draw_vectors(picture: Path, path: Path) -> None:
    """The same picture in sixteen colours."""
    from PIL import Image  # which matplotlib needs itself

    with Image.open(picture) as image:
        image.convert("RGB").quantize(16).save(path, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the pictures, and write the tables of the README.")
    parser.add_argument("--picture", type=Path, metavar="PNG", help="what `fastemb demo` drew: make vectors.png of it")
    arguments = parser.parse_args()
    if arguments.picture:
        draw_vectors(arguments.picture, IMAGES / "vectors.png")
        return
    draw_speed(load(BENCH / "speed.json"), IMAGES / "speed.svg")
    README.write_text(with_tables(README.read_text(encoding="utf-8"), stored_tables()), encoding="utf-8")


if __name__ == "__main__":
    main()
