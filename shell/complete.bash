# safeinstall: completion for bash. eval "$(safeinstall completion bash)"; init loads it by itself.

__safeinstall_python=@python@
__safeinstall_main=@main@

function __safeinstall_complete {
  \builtin local value meaning IFS=$'\t'
  COMPREPLY=()
  while \builtin read -r value meaning; do
    case "$value" in
      :files)
        \builtin compopt -o default 2>/dev/null # bash 3.2 has none
        \builtin continue
        ;;
      --*=*) value="${value#*=}" ;; # for bash the "=" ends a word
    esac
    # A list is shown, nothing is filled in: the place for what the words mean.
    if [[ "${COMP_TYPE-}" == 63 && -n "$meaning" ]]; then
      value="$value  ($meaning)"
    else
      \builtin printf -v value %q "$value"
    fi
    COMPREPLY+=("$value")
  done < <("$__safeinstall_python" -I -S "$__safeinstall_main" complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}

# Newest first, where bash can keep an order.
\builtin complete -o nosort -F __safeinstall_complete safeinstall 2>/dev/null ||
  \builtin complete -F __safeinstall_complete safeinstall
