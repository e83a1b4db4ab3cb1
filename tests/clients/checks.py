"""Named checks of a suite of ours, in order. One that fails does not keep the next ones from running."""

from collections.abc import Iterator
from contextlib import contextmanager

from outcome import Outcome, Verdict


class Checks:
    """Collects the outcomes."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []

    @contextmanager
    def check(self, name: str) -> Iterator[None]:
        """What stands in the `with` is the check: it fails by raising."""
        try:
            yield
        except Exception as error:
            detail = str(error) or type(error).__name__
            self.outcomes.append(Outcome(name, Verdict.FAILED, detail.splitlines()[0]))
        else:
            self.outcomes.append(Outcome(name, Verdict.PASSED))


def expect(condition: object, what: str) -> None:
    """Fails the check, saying what is not so."""
    if not condition:
        raise AssertionError(what)
