"""Epochs, threads, the learning rate and progress."""

from fastemb.training.blocks import BlockLimits, block_limits
from fastemb.training.loop import Progress, Schedule, Task, progress_bar, train_epochs

__all__ = ["BlockLimits", "Progress", "Schedule", "Task", "block_limits", "progress_bar", "train_epochs"]
