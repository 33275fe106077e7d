case ":$PATH:" in *:@shims@:*) ;; *) PATH=@shims@:$PATH && export PATH ;; esac
