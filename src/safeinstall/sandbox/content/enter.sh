# shellcheck shell=bash
# To be sourced by bash or zsh, behind the exports that name the world: its conda, its pip, and
# the guard in front of both.

unset CONDA_SHLVL CONDA_PREFIX CONDA_DEFAULT_ENV VIRTUAL_ENV PYTHONPATH PYTHONHOME

# shellcheck source=/dev/null
. "$SAFEINSTALL_WORLD_HOOK"

safeinstall() {
  "$SAFEINSTALL_WORLD_PYTHON" -I "$SAFEINSTALL_WORLD_MAIN" "$@"
}

if [ -n "${ZSH_VERSION-}" ]; then
  eval "$(safeinstall init zsh)"
else
  eval "$(safeinstall init bash)"
fi

cd || return
