"""conda's command line, as far as it is known here; argparse rejects the rest with status 2."""

from __future__ import annotations

import argparse

from safeinstall.sandbox.conda import VERSION

_ALIASES = {"update": ["upgrade"], "remove": ["uninstall"]}
_FLAGS = {
    "change": (
        "-y --yes",
        "-q --quiet",
        "-v --verbose",
        "--json",
        "-d --dry-run",
        "--override-frozen",
        "--offline",
        "--copy",
        "--no-pin",
        "--no-default-packages",
        "--use-index-cache -C",
        "-k --insecure",
    ),
    "solve": (
        "--override-channels",
        "--strict-channel-priority",
        "--no-channel-priority",
        "--update-deps",
        "--freeze-installed --no-update-deps",
        "--no-deps",
        "--only-deps",
        "--force-reinstall",
        "--download-only",
    ),
}


def parser() -> argparse.ArgumentParser:
    """The whole grammar; the result has ``command`` and, for ``env``, ``verb``."""
    top = argparse.ArgumentParser(prog="conda", description="a small conda for throw-away worlds")
    top.add_argument("-V", "--version", action="version", version=f"conda {VERSION}")
    top.add_argument("-v", "--verbose", action="count")
    top.add_argument("--json", action="store_true", default=False)
    top.add_argument("--no-plugins", action="store_true")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in ("create", "install", "update"):
        _change(commands.add_parser(name, aliases=_ALIASES.get(name, [])))
    _remove(commands.add_parser("remove", aliases=_ALIASES["remove"]))
    _list(commands.add_parser("list"))
    _info(commands.add_parser("info"))
    _config(commands.add_parser("config"))
    _env(commands.add_parser("env"))
    run = commands.add_parser("run")
    _target(run)
    run.add_argument("--no-capture-output", "--live-stream", "-s", action="store_true")
    run.add_argument("--cwd")
    run.add_argument("executable_call", nargs=argparse.REMAINDER)
    return top


def _target(parser: argparse.ArgumentParser) -> None:
    group = parser.add_mutually_exclusive_group()
    group.add_argument("-n", "--name")
    group.add_argument("-p", "--prefix")


def _flags(parser: argparse.ArgumentParser, group: str) -> None:
    for names in _FLAGS[group]:
        # --json may stand before the command too, and must not be reset after it.
        default = argparse.SUPPRESS if names == "--json" else False
        parser.add_argument(*names.split(), action="store_true", default=default)


def _change(parser: argparse.ArgumentParser) -> None:
    _target(parser)
    _flags(parser, "change")
    _flags(parser, "solve")
    parser.add_argument("-c", "--channel", action="append")
    parser.add_argument("--file", "-f", action="append", default=[])
    parser.add_argument("--solver")
    parser.add_argument("--all", "--update-all", action="store_true", dest="all")
    parser.add_argument("packages", nargs="*")


def _remove(parser: argparse.ArgumentParser) -> None:
    _target(parser)
    _flags(parser, "change")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--force-remove", "--force", action="store_true")
    parser.add_argument("-c", "--channel", action="append")
    parser.add_argument("--override-channels", action="store_true")
    parser.add_argument("packages", nargs="*")


def _list(parser: argparse.ArgumentParser) -> None:
    _target(parser)
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    for names in ("-e --export", "--explicit", "--md5", "--sha256", "--no-pip", "-f --full-name"):
        parser.add_argument(*names.split(), action="store_true")
    parser.add_argument("pattern", nargs="?")


def _info(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    for names in ("-e --envs", "--base", "-a --all", "-s --system"):
        parser.add_argument(*names.split(), action="store_true")


def _config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    parser.add_argument("--show", nargs="*")
    parser.add_argument("--show-sources", action="store_true")
    parser.add_argument("--get", nargs="*")


def _env(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="COMMAND", required=True)
    listing = verbs.add_parser("list")
    listing.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    for name in ("create", "update"):
        verb = verbs.add_parser(name)
        _target(verb)
        _flags(verb, "change")
        verb.add_argument("-f", "--file", default="environment.yml")
        verb.add_argument("--prune", action="store_true")
        verb.add_argument("-c", "--channel", action="append")
        verb.add_argument("--override-channels", action="store_true")
    remove = verbs.add_parser("remove")
    _target(remove)
    _flags(remove, "change")
