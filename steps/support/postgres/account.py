"""Who owns the embedded server: whoever runs the suite, or, as Postgres refuses root, the account `nobody`."""

import os
import pwd
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from steps.support.errors import NoServerError

NAME = "nobody"  # every system has it; none has to be made, and none stays
SECONDS = 60.0  # for a program to end


@dataclass(frozen=True)
class Account:
    """Runs programs and owns files; by numbers when it is another than the one that runs the suite."""

    user: int | None = None
    group: int | None = None

    @property
    def differs(self) -> bool:
        """Whether it is not the account that runs the suite."""
        return self.user is not None

    def runs(self, program: Path, *arguments: str | Path) -> None:
        """Run a program to its end; raises CalledProcessError with what it wrote as `stderr`, or TimeoutExpired."""
        # A locale every system has, whatever the environment names; and no PGDATA or PGPORT of somebody else's.
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PG"))}
        more: Sequence[int] | None = () if self.differs else None
        # A file, as a server that is started keeps a pipe open; and /, as the folder at hand may be closed to it.
        with tempfile.TemporaryFile() as said:
            try:
                subprocess.run(
                    [program, *arguments], stdin=subprocess.DEVNULL, stdout=said, stderr=said, check=True, cwd="/",
                    env={**environ, "LC_ALL": "C"}, user=self.user, group=self.group, extra_groups=more,
                    timeout=SECONDS,
                )  # fmt: skip
            except subprocess.CalledProcessError as error:
                said.seek(0)
                error.stderr = said.read().decode(errors="replace")
                raise

    def takes(self, file: Path) -> None:
        """Give it a file or folder of ours."""
        if self.user is not None and self.group is not None:
            os.chown(file, self.user, self.group)

    def may_enter(self, folder: Path) -> bool:
        """Whether it may pass through every folder on the way there, and that one."""
        return not self.differs or all(_grants(one, stat.S_IXOTH) for one in [folder, *folder.parents])

    def may_run_what_is_in(self, folder: Path) -> bool:
        """Whether it may read every file there, and enter every folder."""
        return self.may_enter(folder) and (
            not self.differs
            or all(_grants(one, stat.S_IROTH | stat.S_IXOTH * one.is_dir()) for one in folder.rglob("*"))
        )


def account() -> Account:
    """The account to run a server as; raises NoServerError when there is none for root."""
    if os.geteuid() != 0:
        return Account()
    try:
        other = pwd.getpwnam(NAME)
    except KeyError:
        raise NoServerError(
            f"No Postgres to run on: root may not run one, and there is no account {NAME} here. "
            "Run as another user, or give a running server: -D postgres=postgresql://…"
        ) from None
    return Account(other.pw_uid, other.pw_gid)


def _grants(file: Path, bits: int) -> bool:
    return file.stat().st_mode & bits == bits
