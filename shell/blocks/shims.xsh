$PATH.insert(0, @repr(shims)@)
