"""How many cores the task that trains gets."""

from __future__ import annotations

import logging
from typing import Any

from pyspark.resource import ResourceProfile, ResourceProfileBuilder, TaskResourceRequests

logger = logging.getLogger(__name__)


def training_resources(context: Any, wanted: int) -> tuple[ResourceProfile | None, int | None]:
    """The resources of the stage that trains, and its threads where these do not follow from them.

    Parameters
    ----------
    context : SparkContext
    wanted : int
        Threads; 0 for all the cores of an executor.
    """
    if context.master.startswith("local") and not context.master.startswith("local-cluster"):
        return None, wanted or context.defaultParallelism  # of which no other task makes use
    of_task, cores = int(context.getConf().get("spark.task.cpus", "1")), cores_of_executors(context)
    share = min(wanted or cores, cores)
    if share <= of_task:
        return None, wanted or None
    profile = ResourceProfileBuilder().require(TaskResourceRequests().cpus(share)).build
    if not supported(context, profile):
        logger.warning(
            "this master has no resources for single stages: the task that trains has %d of an executor's %d cores; "
            "see spark.task.cpus", of_task, cores,
        )  # fmt: skip
        return None, wanted or None
    return profile, share


def cores_of_executors(context: Any) -> int:
    """The cores of an executor."""
    scala = context._jsc.sc()
    said = scala.resourceProfileManager().defaultResourceProfile().getExecutorCores()
    if said.isDefined():
        return int(said.get())
    executors = len(scala.statusTracker().getExecutorInfos()) - 1  # the driver is one
    return max(1, context.defaultParallelism // max(1, executors))


def supported(context: Any, profile: ResourceProfile) -> bool:
    """Whether stages can have such resources here."""
    try:
        return bool(context._jsc.sc().resourceProfileManager().isSupported(profile._java_resource_profile))
    except Exception as error:  # what Java raises says that they cannot
        logger.debug("resources of stages: %s", error)
        return False
