"""Warnings in the log: of what was given and has no effect, and of training that trained nothing."""

from __future__ import annotations

import logging
from typing import Any

logger = logging.getLogger(__name__)


def warn_without_corpus(trim_rule: Any, callbacks: Any) -> None:
    """Say that what was given to the constructor is lost."""
    if trim_rule is not None:
        logger.warning("trim_rule is without effect: there is no corpus yet; give it to build_vocab()")
    if callbacks:
        logger.warning("callbacks are without effect: there is no corpus yet; give them to train()")
