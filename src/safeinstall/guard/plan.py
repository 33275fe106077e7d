"""``safeinstall plan REQUEST PLAN``: judge a transaction for our plugin in a waiting conda.

Called by the plugin, not by users. Exit status 0: conda may go on; 77: conda must stop.
"""

from __future__ import annotations

from safeinstall import argv, canonical, site_packages
from safeinstall.errors import Blocked, UsageError
from safeinstall.files import read_bytes
from safeinstall.guard.decide import Case, decide
from safeinstall.guard.facts import LookedUp
from safeinstall.guard.residents import with_residents
from safeinstall.output import stderr
from safeinstall.policy import load as policies
from safeinstall.probe.place import Place
from safeinstall.rails import plan_request
from safeinstall.rails.rail import Answer
from safeinstall.rules import registry
from safeinstall.settings import Session
from safeinstall.settings import read as read_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safeinstall.model import Facts, Finding, Plan


def plan(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Judge the plan, show the findings, and write the answer beside the plan."""
    if len(arguments) != 2:
        raise UsageError("'plan' is for our own plugin in conda; nobody has to type it")
    case, path = case_of(arguments[0], environ), arguments[1]
    site_packages.enable()
    findings = registry.look_at_plan(case.facts, _read(path, case.facts))
    return answered(case, tuple(findings), path, "to conda's plan")


def answered(case: Case, findings: tuple[Finding, ...], place: str, what: str) -> int:
    """Decide, and write the answer beside ``place``. The exit status for the waiting tool."""
    verdict, override = decide(case, findings, amid_output=True)
    stopped = verdict.decision == "block" and not override
    try:
        plan_request.answer(place, Answer(findings, stopped=stopped, override=override))
    except OSError as error:  # the exit status still tells the tool the decision
        stderr.note(f"the answer {what} cannot be kept: {error}")
    return Blocked.exit_code if stopped else 0


def _read(path: str, facts: Facts) -> Plan:
    from safeinstall.rails import conda_plan

    document = canonical.decode_object(read_bytes(path, 1 << 28))
    if document is None:
        raise UsageError(f"{path} is no plan")
    return with_residents(conda_plan.from_plugin(document, facts.environment), facts)


def case_of(path: str, environ: Mapping[str, str]) -> Case:
    """The case of a request file, with the environment as it is now: the tool has changed nothing
    yet.
    """
    request, settings = plan_request.read(path), read_settings(environ)
    settings = settings.replace(reason=request.reason or settings.reason)
    session = Session(settings, environ, request.cwd)
    policy = policies.load(session.settings, session.cwd)
    context = argv.Context(session.environ, session.cwd, read_bytes, {})
    place = Place(
        command=argv.parse(request.words, context),
        executable=request.executable,
        prefix=request.prefix,
        root_prefix=request.root_prefix,
        environ=session.environ,
        cwd=session.cwd,
    )
    facts = LookedUp(place, session, policy).replace(plan_is_seen=True)
    return Case(facts, session)
