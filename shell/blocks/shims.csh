setenv PATH @shims@:"$PATH"
