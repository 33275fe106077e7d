# What guards.sh needs of bash.

# NAME ARGS... "-x" is not "-X", whatever the user wants patterns to be. How we come to an answer is
# not for the user's trace (set -x); before bash 4.4 there is no way to give it back as it was.
function __safeinstall_guards {
  { case "$-" in *x*) \builtin local - && \builtin set +x ;; esac } 2>/dev/null
  if \builtin shopt -q nocasematch; then
    (\builtin shopt -u nocasematch && __safeinstall_changes "$@")
  else
    __safeinstall_changes "$@"
  fi
}

# COMMAND ARGS... Not for the user's trace either.
function __safeinstall_untraced {
  { case "$-" in *x*) \builtin local - && \builtin set +x ;; esac } 2>/dev/null
  "$@"
}

# NAME. Is there a program of that name? If not, the shell says so itself, as without us.
function __safeinstall_on_path {
  \builtin type -P "$1" >/dev/null
}

# NAME. Sets "text" to the function's text.
function __safeinstall_text {
  text="$(\builtin declare -f "$1")"
}
