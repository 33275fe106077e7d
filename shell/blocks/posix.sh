if @test@ && [ -x @python@ ] && [ -f @main@ ]; then
  if [ -r @stored@ ]; then . @stored@; else eval "$(@python@ -I -S @main@ init @shell@)"; fi
elif @test@; then
  case $- in *i*) echo @gone@ >&2 ;; esac
fi
