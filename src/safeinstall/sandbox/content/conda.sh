# shellcheck shell=sh
# Shell functions that make activation work: to be sourced by bash, zsh and POSIX shells.

__conda_exe() (
  "$CONDA_EXE" "$@"
)

__conda_hashr() {
  if [ -n "${ZSH_VERSION:+x}" ]; then
    \rehash
  else
    \hash -r
  fi
}

__conda_activate() {
  __conda_script="$(PS1="${PS1:-}" __conda_exe shell.posix "$@")" || \return
  \eval "$__conda_script"
  \unset __conda_script
  __conda_hashr
}

__conda_reactivate() {
  __conda_activate reactivate
}

conda() {
  case "${1-}" in
    activate | deactivate)
      __conda_activate "$@"
      ;;
    install | update | upgrade | remove | uninstall)
      __conda_exe "$@" || \return
      __conda_reactivate
      ;;
    *)
      __conda_exe "$@"
      ;;
  esac
}

if [ -z "${CONDA_SHLVL+x}" ]; then
  \export CONDA_SHLVL=0
  # shellcheck disable=SC2123 # the search path is what is meant
  PATH="$(\dirname "$(\dirname "$CONDA_EXE")")/condabin${PATH:+":${PATH}"}"
  \export PATH
fi
