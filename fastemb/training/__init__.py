"""What trains models: epochs, threads, the learning rate, progress, and what it takes to go on after an interruption.

A model hands a `Trainer` to `driver.fit`, which is the one loop over epochs:

- `trainer`: what the driver asks of a trainer, a model and callbacks
- `sgd`, `glove`: the trainers; with `limits` (of a batch), `reach` (which rows a short corpus can change), `strips`
- `driver`: callbacks, pauses, progress, divergence, interruption
- `checkpoints`, `divergence`, `carrying`, `progress`: what goes with them
"""

from fastemb.training.checkpoints import Fingerprint, Progress, Run
from fastemb.training.divergence import LastGood, TrainingDiverged, not_finite
from fastemb.training.driver import fit
from fastemb.training.glove import GloveTrainer, Packed, Parameters, Step
from fastemb.training.limits import BlockLimits, block_limits, document_limits
from fastemb.training.progress import progress_bar
from fastemb.training.reach import rows_met
from fastemb.training.sgd import Schedule, SgdTrainer, Task
from fastemb.training.strips import Strips
from fastemb.training.trainer import StopTraining

__all__ = [
    "BlockLimits",
    "Fingerprint",
    "GloveTrainer",
    "LastGood",
    "Packed",
    "Parameters",
    "Progress",
    "Run",
    "Schedule",
    "SgdTrainer",
    "Step",
    "StopTraining",
    "Strips",
    "Task",
    "TrainingDiverged",
    "block_limits",
    "document_limits",
    "fit",
    "not_finite",
    "progress_bar",
    "rows_met",
]
