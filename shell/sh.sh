# safeinstall for POSIX shells (sh, dash, ksh): eval "$(safeinstall init sh)"
#
# pip and conda come to the guard by the doors of their environments (safeinstall door).

command -v safeinstall >/dev/null || alias safeinstall=@alias@
