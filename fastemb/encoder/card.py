"""The model card: README.md of a folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from fastemb._paths import Path, local

if TYPE_CHECKING:
    from fastemb.encoder.encoder import Encoder

CARD = """\
---
library_name: model2vec
tags:
- embeddings
- static-embeddings
- sentence-transformers
- fastemb
---

# {name}

A static encoder of texts, made by fastemb: the vector of a text is the mean of the vectors of its tokens{then}.
No transformer runs.

| | |
| --- | --- |
{rows}

```python
from fastemb import Encoder

Encoder.load("{name}").encode(["a text", "another"])
```

```python
from model2vec import StaticModel

StaticModel.from_pretrained("{name}").encode(["a text", "another"])
```

```python
from sentence_transformers import SentenceTransformer

SentenceTransformer("{name}").encode(["a text", "another"])
```
"""


def card(encoder: Encoder, about: Mapping[str, Any], vectors: NDArray[Any], folder: Path) -> str:
    """The text of it."""
    scores, end = about.get("scores", {}), "last" if encoder._from_end else "first"
    rows: dict[str, Any] = {
        "tokens": f"{len(encoder.tokens):,}",
        "numbers in a vector": encoder.vector_size,
        "type of numbers": vectors.dtype.name,
        "size": f"{vectors.nbytes / 1e6:,.1f} MB",
        "tokens of a text": "all" if encoder.max_length is None else f"the {end} {encoder.max_length}",
        **{str(key).replace("_", " "): value for key, value in about.items() if key != "scores"},
        **{f"score: {key}": f"{value:.4f}" for key, value in scores.items()},
    }
    lines = "\n".join(f"| {cell(key)} | {cell(value)} |" for key, value in rows.items())
    name = os.path.basename(os.path.abspath(local(folder)))
    return CARD.format(name=name, rows=lines, then=", divided by its length" if encoder.normalize else "")


def cell(value: Any) -> str:
    """A value as a cell of a table."""
    return " ".join(str(value).replace("|", "\\|").split())
