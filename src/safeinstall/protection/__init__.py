"""Rails that stand in the environment itself, and hold without safeinstall.

pip and conda have rails of their own: constraints in ``PREFIX/pip.conf``, ``EXTERNALLY-MANAGED``
(PEP 668), ``conda-meta/frozen`` (CEP 22), ``path_conflict`` in ``PREFIX/.condarc``. Here they are
laid (:mod:`.lay`), kept after each guarded operation (:mod:`.keep`), and taken out byte for byte.
What was there before, and what was laid, is in the :mod:`.ledger`. Where the guard itself runs the
tool, it lifts them by variables (:mod:`.lifted`): it has rules of its own, and an override reason
covers the rails, too.
"""
