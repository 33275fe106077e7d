# safeinstall: completion for zsh. eval "$(safeinstall completion zsh)" behind compinit; init loads
# it by itself.

__safeinstall_python=@python@
__safeinstall_main=@main@

function __safeinstall_complete {
  \builtin emulate -L zsh
  \builtin local line value files
  \builtin local -a values texts
  for line in "${(@f)$("$__safeinstall_python" -I -S "$__safeinstall_main" complete \
      "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
    value="${line%%$'\t'*}"
    case "$value" in
      "") ;;
      :files) files=1 ;;
      *)
        values+=("$value")
        texts+=("${line/$'\t'/  -- }")
        ;;
    esac
  done
  if [[ -n "$files" ]]; then _files; fi
  (( ! $#values )) || compadd -l -V safeinstall -d texts -a values
}

if (( ${+functions[compdef]} )); then compdef __safeinstall_complete safeinstall; fi
