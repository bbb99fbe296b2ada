"""Epochs, threads, the learning rate, progress, and what it takes to go on after an interruption."""

from fastemb.training.blocks import BlockLimits, block_limits
from fastemb.training.checkpoints import Fingerprint, Progress, Run
from fastemb.training.divergence import TrainingDiverged, not_finite
from fastemb.training.loop import Schedule, Task, progress_bar, train_epochs

__all__ = [
    "BlockLimits",
    "Fingerprint",
    "Progress",
    "Run",
    "Schedule",
    "Task",
    "TrainingDiverged",
    "block_limits",
    "not_finite",
    "progress_bar",
    "train_epochs",
]
