"""States of Slurm's jobs, and which of them mean that a job is not done."""

from __future__ import annotations

CODES = {
    "BF": "BOOT_FAIL", "CA": "CANCELLED", "CD": "COMPLETED", "CF": "CONFIGURING", "CG": "COMPLETING", "DL": "DEADLINE",
    "F": "FAILED", "NF": "NODE_FAIL", "OOM": "OUT_OF_MEMORY", "PD": "PENDING", "PR": "PREEMPTED", "R": "RUNNING",
    "RD": "RESV_DEL_HOLD", "RF": "REQUEUE_FED", "RH": "REQUEUE_HOLD", "RQ": "REQUEUED", "RS": "RESIZING", "RV": "REVOKED",
    "SI": "SIGNALING", "SE": "SPECIAL_EXIT", "SO": "STAGE_OUT", "ST": "STOPPED", "S": "SUSPENDED", "TO": "TIMEOUT",
}  # fmt: skip
"""Short forms of `sacct -o state%2` and squeue (JOB STATE CODES of their manual pages)."""
STATES = frozenset(CODES.values()) | {"LAUNCH_FAILED", "RECONFIG_FAIL", "EXPEDITING", "POWER_UP_NODE", "UPDATE_DB"}
NOT_DONE = frozenset(
    {"RUNNING", "PENDING", "SUSPENDED", "REQUEUED", "CONFIGURING", "RESIZING", "COMPLETING", "SIGNALING", "STAGE_OUT",
     "STOPPED", "RESV_DEL_HOLD", "REQUEUE_FED", "REQUEUE_HOLD", "SPECIAL_EXIT", "EXPEDITING", "POWER_UP_NODE"}
)  # fmt: skip
"""Jobs that run, wait, or are held to run again."""


def state_of(cell: str) -> str:
    """State in a cell of any spelling: `CANCELLED by 7`, `CANCELLED+`, `running`, `PD`."""
    word = cell.strip().split(" ")[0].rstrip("+").upper()
    return CODES.get(word, word)
