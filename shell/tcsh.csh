# safeinstall for tcsh: safeinstall init tcsh | source /dev/stdin
#
# pip and conda come to the guard by the doors of their environments (safeinstall door).

which safeinstall >& /dev/null || alias safeinstall @alias@
