"""A service of yesterday that prepares its statements, each with every column by its name, and keeps its connection."""

from steps.support.traffic.prepared_statements import ADD, CHANGE, READ, Session

NUMBER = 1_000_000_000  # of the rows it adds: no writer's
TURNS = 6  # the server makes a plan for all values after the fifth
DEEDS = {READ: "leer", ADD: "anotar", CHANGE: "cambiar"}


class PreparingService:
    """The service; `said` are its errors, in Spanish what it wanted and in the server's words what it got."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._added = 0
        self.said: list[str] = []

    def work(self) -> None:
        """Read, add and change rows, by the statements that are prepared."""
        for _ in range(TURNS):
            self._added += 1
            for name, values in ((READ, ()), (ADD, (1, NUMBER + self._added)), (CHANGE, ())):
                if error := self._session.run(name, *values):
                    self.said.append(f"al {DEEDS[name]}: {error}")

    def end(self) -> None:
        """Close its connection."""
        self._session.close()
