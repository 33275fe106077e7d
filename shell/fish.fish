# safeinstall for fish: safeinstall init fish | source
#
# pip and conda come to the guard by the doors of their environments (safeinstall door).

@complete@
