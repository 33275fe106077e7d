# safeinstall for bash: eval "$(safeinstall init bash)"

__safeinstall_python=@python@
__safeinstall_main=@main@
__safeinstall_is_there=@there@
__safeinstall_itself=@alias@
__safeinstall_start_it=@start@

@define@

# What answers, and asks, is text until a tool is called: reading it takes longer than all the rest.
# Not "builtin eval": bash forgets in it that a condition is no case for "set -e".
function __safeinstall_learn {
  { case "$-" in *x*) \builtin local - && \builtin set +x ;; esac } 2>/dev/null
  \eval @guards@
}

function __safeinstall_is_function {
  \builtin declare -F "$1" >/dev/null
}

# NAME WORD: does the function's text mention the word? Costs a fork; bash has no other way.
function __safeinstall_mentions {
  \builtin local text
  text="$(\builtin declare -f "$1")"
  [[ "$text" == *"$2"* ]]
}

# OLD NEW
function __safeinstall_copy {
  \builtin local text
  text="$(\builtin declare -f "$1")"
  \builtin eval "function $2 ${text#"$1"}"
}

function __safeinstall_prompt {
  { \builtin local status="$?"; } 2>/dev/null
  { case "$-" in *x*) \builtin local - && \builtin set +x ;; esac } 2>/dev/null
  __safeinstall_wrap conda
  __safeinstall_wrap mamba
  \builtin return "$status"
}

# The first TAB loads the real one, which takes this one's place; 124 makes bash ask again.
function __safeinstall_complete {
  \builtin local text
  text="$("$__safeinstall_python" -I -S "$__safeinstall_main" completion bash 2>/dev/null)"
  [[ -n "$text" ]] && \builtin eval "$text" && \builtin return 124
}

function __safeinstall_load {
  \builtin local dots=dots
  [[ ":$SHELLOPTS:" != *:posix:* ]] || dots="" # there a name may have no dot
  __safeinstall_define_all "$dots"
  __safeinstall_wrap conda
  __safeinstall_wrap mamba
  if [[ $- == *i* ]]; then
    \builtin complete -F __safeinstall_complete safeinstall 2>/dev/null
  fi
  if [[ $- == *i* && "${PROMPT_COMMAND[*]-}" != *__safeinstall_prompt* ]]; then
    __safeinstall_hook
  fi
}

# Behind what is there, so that everybody else finds $? and PIPESTATUS untouched. A list stays a
# list, a string stays a string; a newline goes well with whatever the string ends in.
function __safeinstall_hook {
  if __safeinstall_is_array; then
    PROMPT_COMMAND+=(__safeinstall_prompt)
  else
    # shellcheck disable=SC2128,SC2178 # a string in this branch
    PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}__safeinstall_prompt"
  fi
}

# Is PROMPT_COMMAND a list? Before bash 5 it takes a fork to know.
function __safeinstall_is_array {
  if [[ "${BASH_VERSINFO[0]}" -lt 5 ]]; then
    [[ "$(\builtin declare -p PROMPT_COMMAND 2>/dev/null)" == "declare -a"* ]]
  else
    # shellcheck disable=SC2128 # an attribute of the whole
    [[ -n "${PROMPT_COMMAND+set}${PROMPT_COMMAND[*]+set}" && "${PROMPT_COMMAND@a}" == *a* ]]
  fi
}

__safeinstall_load
