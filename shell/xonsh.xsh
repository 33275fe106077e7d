# safeinstall for xonsh: execx($(safeinstall init xonsh))
#
# pip and conda come to the guard by the doors of their environments (safeinstall door).

aliases.setdefault("safeinstall", [@repr(python)@, "-I", @repr(main)@])
