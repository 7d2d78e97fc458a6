"""A signature under a folder's mark, by `ssh-keygen -Y` (OpenSSH 8.1 or newer): the one thing an unkeyed chain cannot give."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from optimizer.files.mark import MARK, SIGNATURE, NotOursError

NAMESPACE = "qaidam"
TOOL = "ssh-keygen"
SECONDS = 60


def sign(folder: Path, key: Path) -> Path:
    """Sign a folder's mark with a private key (or a public one whose private key an agent holds).

    Raises NotOursError where that fails, with what the tool said.
    """
    signature = folder / SIGNATURE
    signature.unlink(missing_ok=True)
    _tool_output(["-Y", "sign", "-f", str(key), "-n", NAMESPACE, str(folder / MARK)], b"")
    return signature


def signature_faults(folder: Path, signers: Path) -> list[str]:
    """Faults of a folder's signature against the allowed signers (a file as OpenSSH's `allowed_signers`)."""
    if not (folder / SIGNATURE).is_file():
        return [f"{SIGNATURE}: is missing; the folder is not signed"]
    try:
        # principals are found first: the verification itself is for a name
        names = _tool_output(["-Y", "find-principals", "-f", str(signers), "-s", str(folder / SIGNATURE)], b"").split()
        content = (folder / MARK).read_bytes()
        for name in names:
            _tool_output(
                ["-Y", "verify", "-f", str(signers), "-I", name, "-n", NAMESPACE, "-s", str(folder / SIGNATURE)],
                content,
            )
    except NotOursError as error:
        return [f"{SIGNATURE}: {error}"]
    return [] if names else [f"{SIGNATURE}: is by none of the allowed signers"]


def _tool_output(arguments: list[str], content: bytes) -> str:
    if shutil.which(TOOL) is None:
        raise NotOursError(f"{TOOL} is not installed; install OpenSSH to sign and to verify signatures")
    try:
        said = subprocess.run([TOOL, *arguments], input=content, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise NotOursError(f"{TOOL} gave no answer within {SECONDS} s") from error
    if said.returncode:
        line = said.stderr.decode(errors="replace").strip().splitlines()[-1:] or [f"exit code {said.returncode}"]
        raise NotOursError(f"{TOOL}: {line[0]}")
    return said.stdout.decode(errors="replace")
