if __import__("os").access(@repr(python)@, 1) and __import__("os").path.isfile(@repr(stored)@):
    source @(@repr(stored)@)
elif $XONSH_INTERACTIVE:
    print(@repr(gone)@, file=__import__("sys").stderr)
