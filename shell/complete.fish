# safeinstall: completion for fish. safeinstall completion fish | source

set -g __safeinstall_python @python@
set -g __safeinstall_main @main@

# Where we are not on PATH.
if not type -q safeinstall
    function safeinstall
        $__safeinstall_python -I $__safeinstall_main $argv
    end
end

function __safeinstall_complete
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    for line in ($__safeinstall_python -I -S $__safeinstall_main complete $typed[2..-1] "$current" 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path "$current"
        else
            printf '%s\n' $line
        end
    end
end

complete -c safeinstall -f -k -a '(__safeinstall_complete)'
