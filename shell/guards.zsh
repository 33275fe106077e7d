# What guards.sh needs of zsh.

# NAME ARGS... How we come to an answer is not for the user's trace (set -x).
function __safeinstall_guards {
  { \builtin setopt local_options no_xtrace; } 2>/dev/null
  __safeinstall_changes "$@"
}

# COMMAND ARGS... Not for the user's trace either, and no option of theirs counts.
function __safeinstall_untraced {
  { \builtin emulate -L zsh; \builtin unsetopt xtrace; } 2>/dev/null
  "$@"
}

# NAME. Is there a program of that name? If not, the shell says so itself, as without us.
function __safeinstall_on_path {
  \builtin whence -p "$1" >/dev/null
}

# NAME. Sets "text" to the function's text.
function __safeinstall_text {
  text="${functions[$1]}"
}
