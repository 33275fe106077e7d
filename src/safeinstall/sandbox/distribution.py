"""Python distributions made of a few lines of real code: as a wheel, or inside a conda package.

A distribution's module refuses to be imported beside dependencies it was not made for, so that
an environment that is broken on paper is broken in earnest.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field

_WHEEL = b"""\
Wheel-Version: 1.0
Generator: safeinstall
Root-Is-Purelib: true
Tag: py3-none-any
"""

_NEEDS = """

def _check():
    import importlib
    import re

    def numbers(text):
        return tuple(int(part) for part in re.findall(r"\\d+", text)[:3])

    for module, ranges in NEEDS:
        found = importlib.import_module(module).__version__
        for comparison, bound in ranges:
            here, there = numbers(found), numbers(bound)
            good = {">=": here >= there, "<": here < there, "==": here == there}
            if not good[comparison]:
                raise ImportError(
                    f"{__name__} {__version__} was built for {module} {comparison}{bound}, "
                    f"but {module} {found} is installed"
                )


_check()
"""


@dataclass(frozen=True, slots=True)
class Distribution:
    """``requires`` as PEP 508 knows them, with ``>=``, ``<`` and ``==`` only."""

    name: str
    version: str
    module: str
    requires: tuple[str, ...] = ()
    needs: tuple[tuple[str, str], ...] = ()  # (module, ">=1,<2"): checked at import
    code: str = ""  # what the module does beyond having a version
    extra: Mapping[str, bytes] = field(default_factory=dict)  # other files in site-packages
    scripts: tuple[str, ...] = ()  # "name = module:function"
    flat: bool = False  # one file, module.py, and no directory

    @property
    def stem(self) -> str:
        """``name-version`` as dist-info directories and wheels spell it."""
        return f"{re.sub(r'[-_.]+', '_', self.name)}-{self.version}"

    def files(self, installer: str = "") -> dict[str, bytes]:
        """Everything in site-packages, relative to it; an ``installer`` is noted as pip does."""
        main = f"{self.module}.py" if self.flat else f"{self.module}/__init__.py"
        files = {main: self._source().encode(), **self.extra}
        information = f"{self.stem}.dist-info"
        files[f"{information}/METADATA"] = self._metadata().encode()
        files[f"{information}/WHEEL"] = _WHEEL
        if self.scripts:
            lines = "".join(f"{line}\n" for line in self.scripts)
            files[f"{information}/entry_points.txt"] = f"[console_scripts]\n{lines}".encode()
        if installer:
            files[f"{information}/INSTALLER"] = f"{installer}\n".encode()
        files[f"{information}/RECORD"] = record(files, f"{information}/RECORD")
        return files

    def wheel(self) -> tuple[str, bytes]:
        """File name and content of the wheel."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, data in self.files().items():
                archive.writestr(zipfile.ZipInfo(path, (2023, 11, 14, 0, 0, 0)), data)
        return f"{self.stem}-py3-none-any.whl", buffer.getvalue()

    def _metadata(self) -> str:
        head = f"Metadata-Version: 2.1\nName: {self.name}\nVersion: {self.version}\n"
        return head + "".join(f"Requires-Dist: {item}\n" for item in self.requires)

    def _source(self) -> str:
        source = f'__version__ = "{self.version}"\n{self.code}'
        if self.needs:
            ranges = [(module, _ranges(text)) for module, text in self.needs]
            source += f"\n\nNEEDS = {ranges!r}\n{_NEEDS}"
        return source


def record(files: Mapping[str, bytes], own_path: str) -> bytes:
    """The RECORD of a dist-info directory (PEP 376, PEP 427)."""
    lines = []
    for path, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        lines.append(f"{path},sha256={digest},{len(data)}")
    return "\n".join([*lines, f"{own_path},,", ""]).encode()


def _ranges(text: str) -> list[tuple[str, str]]:
    return [(match[1], match[2]) for match in re.finditer(r"(>=|<|==)\s*([0-9.]+[0-9])", text)]
