"""Epochs, threads, the learning rate, progress, and what it takes to go on after an interruption."""

from fastemb.training.blocks import BlockLimits, block_limits
from fastemb.training.checkpoints import Fingerprint, Progress, Run
from fastemb.training.divergence import LastGood, TrainingDiverged, not_finite
from fastemb.training.glove import Packed, Parameters, Step, train_epoch
from fastemb.training.loop import Schedule, Task, train_epochs
from fastemb.training.progress import Report, progress_bar
from fastemb.training.reach import rows_met
from fastemb.training.strips import Strips

__all__ = [
    "BlockLimits",
    "Fingerprint",
    "LastGood",
    "Packed",
    "Parameters",
    "Progress",
    "Report",
    "Run",
    "Schedule",
    "Step",
    "Strips",
    "Task",
    "TrainingDiverged",
    "block_limits",
    "not_finite",
    "progress_bar",
    "rows_met",
    "train_epoch",
    "train_epochs",
]
