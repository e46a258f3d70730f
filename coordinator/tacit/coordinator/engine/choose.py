"""Which engine compares a run."""

import os

from tacit.coordinator.engine.names import ENGINES
from tacit.coordinator.engine.process import ProcessEngine
from tacit.coordinator.engine.protocol import Engine
from tacit.coordinator.engine.serial import SerialEngine
from tacit.linkage.errors import Code, TacitError

# Below this many pairs (some ten seconds of one core), starting workers gains nothing.
PROCESS_PAIRS = 2_000_000_000


def choose_engine(name: str, pairs: int, workers: int | None = None) -> Engine:
    """Choose the engine of a run.

    Args:
        name: "serial", "process", or "auto" for processes on large jobs where there are cores.
        pairs: pairs that are still to be compared.
        workers: processes; the number of cores by default.

    Raises:
        TacitError: USAGE; there is no such engine.
    """
    if name not in ENGINES:
        raise TacitError(Code.USAGE, problem=f"There is no engine '{name}'.")
    cores = workers or os.cpu_count() or 1
    if name == "process" or (name == "auto" and pairs >= PROCESS_PAIRS and cores > 1):
        return ProcessEngine(cores)
    return SerialEngine()
