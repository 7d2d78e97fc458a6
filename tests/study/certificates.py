"""Certificates for tests of several machines: an authority of our own and one certificate, made by the openssl command."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from optimizer.study.engine import Certificates


def certificates(folder: Path) -> Certificates:
    """New ones in that folder; the test is skipped where openssl is not installed."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl not found")
    folder.mkdir(mode=0o700, exist_ok=True)
    made = Certificates(folder / "ca.pem", folder / "cert.pem", folder / "key.pem")
    ours = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    def openssl(*words: object) -> None:
        subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)

    openssl(
        "req",
        "-x509",
        *ours,
        "-days",
        2,
        "-subj",
        "/CN=authority",
        "-keyout",
        folder / "ca.key",
        "-out",
        made.authority,
    )
    openssl("req", *ours, "-subj", "/CN=node", "-keyout", made.key, "-out", folder / "node.csr")
    openssl(
        "x509", "-req", "-days", 2, "-in", folder / "node.csr", "-CA", made.authority, "-CAkey", folder / "ca.key",
        "-CAcreateserial", "-out", made.certificate,
    )  # fmt: skip
    made.key.chmod(0o600)
    return made


def tls_words(made: Certificates) -> tuple[str, ...]:
    """Options of `dask scheduler` and `dask worker`."""
    return ("--tls-ca-file", str(made.authority), "--tls-cert", str(made.certificate), "--tls-key", str(made.key))
