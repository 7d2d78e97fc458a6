"""`qaidam verify`: integrity check of a folder: unchanged since it was written, and true of its results."""

from __future__ import annotations

import json
from pathlib import Path

import click

from optimizer.commands.errors import DATA_ERROR, complain, explained
from optimizer.language.speech import say


def faults_of(folder: Path) -> list[str]:
    """Faults of a run, a night, a run of a study, a study, an export, or a ledger. Raises OSError."""
    from optimizer.accounts.ledger import verify as ledger_faults
    from optimizer.files.mark import changed_since, mark_of
    from optimizer.hubs.recheck import faults_of_tables
    from optimizer.nightly.publish import NIGHT
    from optimizer.nightly.recheck import faults_of_night
    from optimizer.runs.folder import RUN
    from optimizer.runs.recheck import NO_MARK, faults_of_run
    from optimizer.study.recheck import faults_of_study, faults_of_study_run, is_study_run
    from optimizer.study.store import STUDY

    if folder.is_file():
        return ledger_faults(folder)
    if not folder.is_dir():
        raise FileNotFoundError(2, "no such folder", str(folder))
    if is_study_run(folder):
        return faults_of_study_run(folder)
    mark = mark_of(folder)
    if mark is None:
        return [f"{folder}: {NO_MARK}"]
    if mark.kind == RUN:
        return faults_of_run(folder) + faults_of_tables(folder)
    checks = {NIGHT: faults_of_night, STUDY: faults_of_study}
    return checks[mark.kind](folder) if mark.kind in checks else changed_since(folder, mark)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--expect", metavar="SHA256", help="The seal (of a ledger: its last seal) that was kept elsewhere.")
@click.option(
    "--signers", type=click.Path(path_type=Path), help="Allowed signers, as of OpenSSH; asks for a signature."
)
@click.option(
    "--sign", "key", type=click.Path(path_type=Path), help="Sign the folder with this SSH key if it is sound."
)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
def verify(folder: Path, expect: str | None, signers: Path | None, key: Path | None, as_json: bool) -> None:
    """Check FOLDER once more from its files alone: digests, laws, bill, prices, schedule, ledger, statement.

    FOLDER is a run, a night's plan, a run of a study, a study, an export, or a ledger file.

    \b
    What it finds: any file changed, cut, removed or replaced since it was written; and, whatever the digests say, results
    that break a law, and a bill, summary, record, schedule, ledger or statement that does not follow from the results.
    What it cannot find: a folder made anew as a whole. Digests and chains here have no key: whoever may write the folder
    can plan something else and seal that. Only a seal kept where they cannot write (--expect), or a signature with a key
    they do not have (--sign, --signers), shows it. Nor can it know whether weather, prices and measurements were true; and
    of texts that are not computed again (report, notes, weights of members, a party's monthly statement, what sites cost
    alone) it knows the digest alone.

    \b
    Examples:
      qaidam verify out/qaidam
      qaidam verify plans/latest --expect 5f0c…
      qaidam verify out/qaidam --sign ~/.ssh/id_ed25519
      qaidam verify out/qaidam --signers allowed_signers
    """
    from optimizer.accounts.ledger import verify as ledger_faults
    from optimizer.files.mark import mark_of, seal_of
    from optimizer.files.signature import sign, signature_faults

    with explained(as_json):
        faults = faults_of(folder)
        seal = seal_of(folder) if folder.is_dir() and mark_of(folder) is not None else None
        if expect is not None and folder.is_file():
            faults = ledger_faults(folder, expect)
        elif expect is not None and expect != seal:
            faults.append(f"{folder}: its seal is {seal or 'missing'}, expected was {expect[:64]}: it was written anew")
        if signers is not None:
            faults += signature_faults(folder, signers)
        if faults:
            complain(faults, DATA_ERROR, as_json)
        if key is not None:
            sign(folder, key)
        if as_json:
            click.echo(json.dumps({"folder": str(folder), "problems": [], "seal": seal}))
        else:
            click.echo(say("{folder}: sound", folder=folder))
            click.echo(
                f"  {say('seal {seal}', seal=seal)}"
                if seal
                else f"  {say('no seal of its own: nothing shows that it was made anew as a whole')}"
            )


def require_sound(folder: Path) -> None:
    """Leave with the faults of a plan or run, if there are any."""
    faults = faults_of(folder)
    if faults:
        complain([f"{folder}: fails its check, so nothing is made from it", *faults], DATA_ERROR, as_json=False)
