# The functions that stand in front of the tools: hardly more than their names, as each new shell
# reads this. Shared by bash and zsh, as guards.sh.

# guards.sh has other functions of these two names, which take the place of these.
# shellcheck disable=SC2317 # until then they are called
function __safeinstall_takes {
  __safeinstall_learn
  __safeinstall_takes "$@"
}

# shellcheck disable=SC2317 # as above
function __safeinstall_exe {
  __safeinstall_learn
  __safeinstall_exe "$@"
}

# Our messages name commands of ours: they work wherever we are installed, PATH or not.
if ! \builtin command -v safeinstall >/dev/null; then
  \builtin eval "function safeinstall { $__safeinstall_itself \"\$@\"; }"
fi

# conda|mamba: get in between, once; a hook that is loaded again puts its own function back.
function __safeinstall_wrap {
  \builtin local name="__$1_exe"
  if __safeinstall_is_function "$name" && ! __safeinstall_mentions "$name" __safeinstall_; then
    __safeinstall_copy "$name" "__safeinstall_real_$1"
    \builtin eval "function $name { __safeinstall_exe $1 \"\$@\"; }"
  fi
}

# PATTERNS NAME... A function of ours in front of each tool. The functions of conda's and mamba's own
# hooks stay, since they are needed for "conda activate"; any other function is the user's.
#
# Coding agents copy functions into shells of theirs, but no variables, and no names that begin with
# "_": there the function goes by itself, by the patterns of words that may change something.
function __safeinstall_define {
  \builtin local name alone
  alone="if $__safeinstall_is_there && case \" \$* \" in $1) \\builtin true ;; \
*) \\builtin false ;; esac; then $__safeinstall_start_it run -- \"\$@\"; else \\command \"\$@\"; fi"
  \builtin shift
  for name in "$@"; do
    if __safeinstall_is_function "$name"; then
      if __safeinstall_mentions "$name" __safeinstall_takes ||
        __safeinstall_mentions "$name" __conda_exe || __safeinstall_mentions "$name" __mamba_exe; then
        \builtin continue
      fi
      __safeinstall_copy "$name" "__safeinstall_user_$name"
    fi
    # One line: zsh's csh_junkie_quotes forbids line breaks in a string. A text is read faster than
    # what it says.
    \builtin eval "function $name { if \\builtin type __safeinstall_takes >/dev/null 2>&1; then \
if __safeinstall_takes $name \"\$@\"; then __safeinstall_run $name \"\$@\"; \
else \\command $name \"\$@\"; fi; else \\builtin set -- $name \"\$@\"; \\eval '$alone'; fi; }"
  done
}

# [dots]: also for pip3.11 and the like, where a name may have a dot.
function __safeinstall_define_all {
  \builtin local conda='*" install "* | *" uninstall "* | *" update "* | *" upgrade "* | *" remove "*'
  conda="$conda"' | *" create "* | *" env "* | *" rename "* | *" clean "* | *" run "*'
  __safeinstall_define '*" install "* | *" uninstall "*' pip pip3
  __safeinstall_define '*pip" "*install" "* | *conda" "*' python python3
  __safeinstall_define '*" pip "* | *" add "* | *" remove "* | *" sync "* | *" venv "*' uv
  __safeinstall_define "$conda" conda mamba micromamba
  [[ "$1" == dots ]] || \builtin return 0
  __safeinstall_define '*" install "* | *" uninstall "*' \
    pip3.9 pip3.10 pip3.11 pip3.12 pip3.13 pip3.14 pip3.15
  __safeinstall_define '*pip" "*install" "* | *conda" "*' \
    python3.9 python3.10 python3.11 python3.12 python3.13 python3.14 python3.15
}
