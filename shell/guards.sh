# Does a command line change an environment? Answered without starting a process.
#
# Shared by bash and zsh, whatever options the user has set: nothing here depends on word
# splitting, on arrays or on extended patterns. A doubt goes to the guard, which parses properly;
# what is taken for harmless here is never looked at again.

# NAME ARGS... Status 0: ask the guard. 1: nothing to guard.
function __safeinstall_changes {
  case "${SAFEINSTALL-}" in
    [oO][fF][fF] | 0 | [nN][oO] | [fF][aA][lL][sS][eE]) \builtin return 1 ;;
  esac
  \builtin local tool="$1"
  \builtin shift
  case "$tool" in
    pip*) __safeinstall_guards_pip "$@" ;;
    python*) __safeinstall_guards_python "$@" ;;
    uv) __safeinstall_guards_uv "$@" ;;
    *) __safeinstall_guards_conda "$@" ;;
  esac
}

function __safeinstall_guards_pip {
  case "${1-}" in
    help | list | show | freeze | check | inspect | index | search | download | wheel | hash | lock) \builtin return 1 ;;
    config | cache | debug | completion) \builtin return 1 ;;
  esac
  # General options may come first, and some take a value: look for the verb in every place.
  \builtin local word
  for word in "$@"; do
    case "$word" in
      install | uninstall) \builtin return 0 ;;
    esac
  done
  \builtin return 1
}

# CPython's own rules: flags cluster ("-Im pip"), a value may be glued to its option ("-mpip") or
# be the next word ("-X utf8"), and -m, -c, "--" or the first other word end the options.
function __safeinstall_guards_python {
  \builtin local letters value
  while [[ $# -gt 0 ]]; do
    letters="$1"
    \builtin shift
    case "$letters" in
      --check-hash-based-pycs | --jit) value=next ;; # the second is PyPy's
      --)
        __safeinstall_guards_script "$@"
        \builtin return
        ;;
      --*) \builtin continue ;;
      -?*) value="" ;;
      *)
        __safeinstall_guards_script "$letters" "$@"
        \builtin return
        ;;
    esac
    while [[ -z "$value" && -n "${letters#?}" ]]; do
      letters="${letters#?}"
      case "$letters" in
        c*) \builtin return 1 ;;
        m)
          __safeinstall_guards_module "$@"
          \builtin return
          ;;
        m*)
          __safeinstall_guards_module "${letters#?}" "$@"
          \builtin return
          ;;
        [QWX]) value=next ;; # Q is Python 2's
        [QWX]*) value=glued ;;
      esac
    done
    [[ "$value" != next || $# -eq 0 ]] || \builtin shift
  done
  \builtin return 1
}

# PROGRAM ARGS... as after "python": "python /opt/conda/bin/conda install x".
function __safeinstall_guards_script {
  \builtin local program="${1-}"
  [[ $# -eq 0 ]] || \builtin shift
  case "${program##*/}" in
    pip | pip[0-9.]*) __safeinstall_guards_pip "$@" ;;
    conda | mamba) __safeinstall_guards_conda "$@" ;;
    *) \builtin return 1 ;;
  esac
}

# MODULE ARGS... as after "python -m".
function __safeinstall_guards_module {
  \builtin local module="${1-}"
  [[ $# -eq 0 ]] || \builtin shift
  case "$module" in
    pip | pip.*) __safeinstall_guards_pip "$@" ;;
    uv | uv.*) __safeinstall_guards_uv "$@" ;;
    conda | conda.* | mamba | mamba.*) __safeinstall_guards_conda "$@" ;;
    *) \builtin return 1 ;;
  esac
}

function __safeinstall_guards_uv {
  [[ $# -gt 0 ]] || \builtin return 1
  case "$1" in
    -V | --version | -h | --help) [[ $# -gt 1 ]] ;;
    help | version | run | tool | python | cache | self | auth | build | publish) \builtin return 1 ;;
    init | lock | export | tree | format | generate-shell-completion) \builtin return 1 ;;
    pip)
      case "${2---help}" in
        -h | --help | compile | list | show | freeze | tree | check) \builtin return 1 ;;
      esac
      ;;
  esac
}

function __safeinstall_guards_conda {
  [[ $# -gt 0 ]] || \builtin return 1
  case "$1" in
    -V | --version | -h | --help) [[ $# -gt 1 ]] ;;
    help | activate | deactivate | reactivate | shell | shell.*) \builtin return 1 ;;
    list | info | search | repoquery | compare | export | notices | commands) \builtin return 1 ;;
    config | init | ps | auth | completer | content-trust | tos) \builtin return 1 ;;
    env)
      case "${2---help}" in
        -h | --help | list | export) \builtin return 1 ;;
      esac
      ;;
    run)
      \builtin shift
      __safeinstall_guards_inner "$@"
      ;;
  esac
}

# The words of "conda run": its options, then any command at all, a script for "bash -c" included.
function __safeinstall_guards_inner {
  \builtin local word
  for word in "$@"; do
    case "$word" in
      pip | pip[0-9.]* | */pip | */pip[0-9.]* | -*mpip*) \builtin return 0 ;;
      uv | uv.* | */uv | -*muv | -*muv.*) \builtin return 0 ;;
      conda | conda.* | */conda | -*mconda* | *mamba | mamba.* | -*mmamba*) \builtin return 0 ;;
      *pip*[[:space:]]* | *uv*[[:space:]]* | *conda*[[:space:]]* | *mamba*[[:space:]]*) \builtin return 0 ;;
    esac
  done
  \builtin return 1
}

# NAME. Is the guard still there? That it is not is said once.
function __safeinstall_present {
  \builtin local main="$__safeinstall_main" gone=""
  [[ -f "$main" && -r "$main" && -s "$main" ]] || gone="$main"
  [[ -x "$__safeinstall_python" ]] || gone="$__safeinstall_python"
  [[ -z "$gone" ]] || __safeinstall_miss "$gone" "$1"
  [[ -z "$gone" ]]
}

# FILE NAME
function __safeinstall_miss {
  __safeinstall_complain "$1" "is gone or cannot be used" "$2"
  # shellcheck disable=SC2317 # called the next time: once is enough
  function __safeinstall_miss { \builtin :; }
}

# FILE STATE NAME
function __safeinstall_complain {
  \builtin printf 'safeinstall: %s %s, so %s runs unguarded; %s\n' "$1" "$2" "$3" \
    "reinstall safeinstall, or take its lines out of your shell's startup file" >&2
}

# SUBCOMMAND ARGS... Status 0: the guard has answered, and the caller's $answer is its exit status.
# 1: it is broken, and has started nothing. Only ever a condition: "set -e" is not for what is in it.
function __safeinstall_ask {
  __safeinstall_untraced __safeinstall_start "$@"
}

# It gets its own first file, opened for reading, in place of stderr, and the real stderr under
# another number. A guard that works puts stderr back and reads that file to its end. A file with
# something left in it tells that this one never got so far; what its Python had to say about that
# went nowhere. No file is written for it, and no process started.
function __safeinstall_start {
  \builtin local spare="" stderr=2 left=""
  __safeinstall_find_spare
  if [[ "${#spare}" -lt 2 ]]; then # nothing to hear it by
    "$__safeinstall_python" -I -S "$__safeinstall_main" "$@"
    answer="$?"
    \builtin return 0
  fi
  __safeinstall_start_and_hear "${spare%?}" "${spare#?}" "$@"
  case "$answer" in
    129 | 130 | 131 | 14[2-9] | 150) ;; # stopped, or ended by a signal from outside
    *) [[ -z "$left" ]] ;;
  esac
}

# FILE REAL SUBCOMMAND ARGS... The first two are numbers of descriptors. Not "guard || answer=$?":
# zsh would make a 1 of what Ctrl-C has ended. Not "builtin eval": bash forgets in it that a condition
# is no case for "set -e".
function __safeinstall_start_and_hear {
  \builtin local file="$1" real="$2" guard
  \builtin shift 2
  answer=0 left=unread
  guard="\"\$__safeinstall_python\" -I -S \"\$__safeinstall_main\" --stderr=$real \"\$@\""
  guard="$guard $real>&$stderr 2<&$file $file<&-; answer=\"\$?\""
  \eval "{ $guard; \builtin read -r left <&$file || left=; } $file<\"\$__safeinstall_main\""
}

# Two digits that no open descriptor has: what the user has opened is the tool's.
function __safeinstall_find_spare {
  \builtin local digit
  { \builtin :; } >&2 || stderr=- # the user has closed it
  for digit in 9 8 7 6 5 4 3; do
    [[ "${#spare}" -eq 2 || -e "/dev/fd/$digit" ]] || spare="$spare$digit"
  done
}

# NAME ARGS... Is this ours to run, or nobody's but the tool's?
function __safeinstall_takes {
  __safeinstall_untraced __safeinstall_is_function "__safeinstall_user_$1" && \builtin return 0
  __safeinstall_concerns "$@"
}

# NAME ARGS... Is the guard to be asked?
function __safeinstall_concerns {
  __safeinstall_guards "$@" && __safeinstall_untraced __safeinstall_can_ask "$1"
}

# NAME. Is there something to ask about, and somebody to ask?
function __safeinstall_can_ask {
  __safeinstall_on_path "$1" && __safeinstall_present "$1"
}

# NAME ARGS...
function __safeinstall_run {
  if __safeinstall_untraced __safeinstall_is_function "__safeinstall_user_$1"; then
    __safeinstall_run_user "$@"
  else
    __safeinstall_run_tool "$@"
  fi
}

# TOOL ARGS... Its name, or its path.
function __safeinstall_run_tool {
  \builtin local answer
  if __safeinstall_ask run -- "$@"; then
    \builtin return "$answer"
  fi
  __safeinstall_complain "$__safeinstall_main" "does not work" "$1"
  \command "$@"
}

# The user has a function of that name: theirs does the work, unless the guard says no.
function __safeinstall_run_user {
  \builtin local answer name="$1"
  if __safeinstall_concerns "$@"; then
    if ! __safeinstall_ask check -- "$@"; then
      __safeinstall_complain "$__safeinstall_main" "does not work" "$name"
    else
      case "$answer" in
        64 | 7[4578] | 129 | 1[3-9]? | 2??) \builtin return "$answer" ;;
      esac
    fi
  fi
  \builtin shift
  "__safeinstall_user_$name" "$@"
}

# Sets "program" to what mamba's own hook starts: without MAMBA_EXE, "micromamba shell hook" writes
# the path into its function, as its first word between quotation marks.
function __safeinstall_find_mamba {
  \builtin local text
  program="${MAMBA_EXE:-}"
  [[ -z "$program" ]] || \builtin return 0
  __safeinstall_text __safeinstall_real_mamba
  text="${text#*\"}"
  program="${text%%\"*}"
  [[ -f "$program" && -x "$program" ]] || program=""
}

# conda|mamba ARGS... In place of the function through which their own hooks call the executable.
# In a subshell, as theirs does it; their answers to "shell.posix activate" come from theirs.
function __safeinstall_exe {
  \builtin local tool="$1"
  \builtin shift
  \builtin local program=""
  if ! __safeinstall_guards "$tool" "$@" || ! __safeinstall_present "$tool"; then
    "__safeinstall_real_$tool" "$@"
  elif [[ "$tool" == mamba ]]; then
    __safeinstall_find_mamba
    if [[ -n "$program" ]]; then
      (__safeinstall_run_tool "$program" "$@")
    else
      __safeinstall_real_mamba "$@"
    fi
  else
    (__safeinstall_run_tool "${CONDA_EXE:-conda}" ${_CE_M:+"$_CE_M"} ${_CE_CONDA:+"$_CE_CONDA"} "$@")
  fi
}
