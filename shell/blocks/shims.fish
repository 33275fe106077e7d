contains @shims@ $PATH; or set -gx PATH @shims@ $PATH
