if ( -x @python@ && -r @stored@ ) then
  source @stored@
else if ( $?prompt ) then
  echo @gone@
endif
