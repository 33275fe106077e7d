"""A throw-away conda world: local channels, local wheels, a small conda, real pip.

``safeinstall demo`` plays in it, and so do the tests. Nothing in here is imported when a command
is guarded.
"""

from safeinstall.errors import SafeinstallError


class SandboxError(SafeinstallError):
    """The throw-away world cannot be made here; the message says what is missing."""

    exit_code = 69  # EX_UNAVAILABLE
