# safeinstall for zsh: eval "$(safeinstall init zsh)"

__safeinstall_python=@python@
__safeinstall_main=@main@
__safeinstall_is_there=@there@
__safeinstall_itself=@alias@
__safeinstall_start_it=@start@

@define@

# What answers, and asks, is text until a tool is called: reading it takes longer than all the rest.
function __safeinstall_learn {
  { \builtin emulate -L zsh; \builtin unsetopt aliases xtrace; } 2>/dev/null
  \eval @guards@
}

function __safeinstall_is_function {
  \builtin typeset -f "$1" >/dev/null
}

# NAME WORD: does the function's text mention the word?
function __safeinstall_mentions {
  [[ "${functions[$1]}" == *"$2"* ]]
}

# OLD NEW. An autoloaded function has no text before it is loaded.
function __safeinstall_copy {
  [[ "${functions[$1]}" != "builtin autoload"* ]] || \builtin autoload +X "$1"
  functions[$2]="${functions[$1]}"
}

function __safeinstall_prompt {
  { \builtin local exit_status="$?"; \builtin emulate -L zsh; \builtin unsetopt xtrace; } 2>/dev/null
  __safeinstall_wrap conda
  __safeinstall_wrap mamba
  # compinit may run after us
  if [[ ${+_comps} == 1 && -z "${_comps[safeinstall]-}" ]]; then
    compdef __safeinstall_complete safeinstall
  fi
  \builtin return "$exit_status"
}

# The first TAB loads the real one, which takes this one's place.
function __safeinstall_complete {
  \builtin local text
  text="$("$__safeinstall_python" -I -S "$__safeinstall_main" completion zsh 2>/dev/null)"
  [[ -n "$text" ]] && \builtin eval "$text" && __safeinstall_complete "$@"
}

function __safeinstall_load {
  \builtin emulate -L zsh
  __safeinstall_define_all dots
  __safeinstall_wrap conda
  __safeinstall_wrap mamba
  if [[ -o interactive && " ${precmd_functions[*]} " != *" __safeinstall_prompt "* ]]; then
    \builtin typeset -ga precmd_functions
    precmd_functions+=(__safeinstall_prompt)
  fi
}

__safeinstall_load
