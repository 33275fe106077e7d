if test -x @python@; and test -f @main@
    if test -r @stored@
        source @stored@
    else
        @python@ -I -S @main@ init fish | source
    end
else if status is-interactive
    echo @gone@ >&2
end
