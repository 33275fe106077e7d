#!/bin/sh
# safeinstall-shim: gives @name@ to the guard wherever no function of a shell does. Written by
# `safeinstall setup --shims`; `safeinstall setup --remove` takes it out.

switch="${SAFEINSTALL-}${SAFEINSTALL_OPERATION+off}"
# shellcheck disable=SC2195 # the name is filled in
case "@name@ ${1-} ${2-} ${switch}" in
  *off) ;;
  *" --version "* | *" -V "* | *" help "* | *" -h "* | *" --help "*) ;;
  "uv run "* | "uv tool "* | "uv python "* | "uv cache "* | "uv self "* | "uv auth "*) ;;
  "uv build "* | "uv publish "* | "uv init "* | "uv lock "* | "uv export "* | "uv tree "*) ;;
  "uv version "* | "uv format "* | "uv generate-shell-completion "*) ;;
  *mamba" activate "* | *mamba" deactivate "* | *mamba" shell "* | *mamba" list "*) ;;
  *mamba" info "* | *mamba" search "* | *mamba" repoquery "* | *mamba" config "*) ;;
  *)
    if [ -x @python@ ] && [ -f @main@ ]; then
      exec @python@ -I -S @main@ run -- @name@ "$@"
    fi
    ;;
esac

here="$(cd "${0%/*}" && pwd -P)"
IFS=:
set -f
for directory in $PATH; do
  if [ -x "$directory/@name@" ] && [ "$(cd "$directory" && pwd -P)" != "$here" ]; then
    exec "$directory/@name@" "$@"
  fi
done
echo "@name@: command not found" >&2
exit 127
