"""A small conda on py-rattler: same commands, same records, same exit codes, none of its code.

It keeps to conda 26.7 in what it understands, prints and writes, and leaves out what neither the
demo nor the tests need; what it does not know it refuses.
"""

VERSION = "26.7.1"
"""The conda whose behaviour is retold here."""


class CondaError(Exception):
    """Something conda reports as ``NAME: message`` before it exits with ``status``."""

    def __init__(self, name: str, message: str, status: int = 1, **details: object) -> None:
        super().__init__(message)
        self.name = name
        self.message = message
        self.status = status
        self.details = details  # more fields of the JSON form
