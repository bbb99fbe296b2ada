"""Epochs, threads, the learning rate and progress."""

from fastemb.training.blocks import BlockLimits, block_limits
from fastemb.training.loop import Schedule, Task, train_epochs

__all__ = ["BlockLimits", "Schedule", "Task", "block_limits", "train_epochs"]
