"""uv's options, from crates/uv-cli/src/lib.rs and ``uv pip … --help`` of uv 0.13.

A row is ``names dest takes``. takes: 0 a flag, c a flag that counts, 1 one value, + one value each
time.
"""

from __future__ import annotations

GLOBAL = (
    "-n,--no-cache,--no-cache-dir no_cache 0",
    "--cache-dir cache_dir 1",
    "--python-preference python_preference 1",
    "--managed-python managed_python 0",
    "--no-managed-python no_managed_python 0",
    "--allow-python-downloads allow_python_downloads 0",
    "--no-python-downloads no_python_downloads 0",
    "--python-fetch python_fetch 1",
    "-q,--quiet quiet c",
    "-v,--verbose verbose c",
    "--no-color no_color 0",
    "--color color 1",
    "--native-tls native_tls 0",
    "--no-native-tls no_native_tls 0",
    "--system-certs system_certs 0",
    "--no-system-certs no_system_certs 0",
    "--offline offline 0",
    "--no-offline no_offline 0",
    "--allow-insecure-host,--trusted-host allow_insecure_host +",
    "--preview preview 0",
    "--no-preview no_preview 0",
    "--preview-features,--preview-feature preview_features +",
    "--isolated isolated 0",
    "--show-settings show_settings 0",
    "--no-progress no_progress 0",
    "--no-installer-metadata no_installer_metadata 0",
    "--directory directory 1",
    "--project project 1",
    "--config-file config_file 1",
    "--no-config no_config 0",
    "-h,--help help 0",
)
TOP = (*GLOBAL, "-V,--version help 0")
PIP = (*GLOBAL, "--cert cert 1")
ENVIRONMENT = (
    "-p,--python python 1",
    "--system system 0",
    "--no-system no_system 0",
    "--break-system-packages break_system_packages 0",
    "--no-break-system-packages no_break_system_packages 0",
    "-t,--target target 1",
    "--prefix prefix 1",
    "--dry-run dry_run 0",
)
INSTALLER = (
    "-c,--constraints,--constraint constraints +",
    "-b,--build-constraints,--build-constraint build_constraints +",
    "--extra extra +",
    "--all-extras all_extras 0",
    "--no-all-extras no_all_extras 0",
    "--group group +",
    "--require-hashes require_hashes 0",
    "--no-require-hashes no_require_hashes 0",
    "--verify-hashes verify_hashes 0",
    "--no-verify-hashes no_verify_hashes 0",
    "--require-build-hashes require_build_hashes 0",
    "--no-build no_build 0",
    "--build build 0",
    "--no-binary no_binary +",
    "--only-binary only_binary +",
    "--python-version python_version 1",
    "--python-platform python_platform 1",
    "--strict strict 0",
    "--no-strict no_strict 0",
    "--check check 0",
    "--output-format output_format 1",
    "--torch-backend torch_backend 1",
    "--index index +",
    "--default-index default_index 1",
    "-i,--index-url index_url 1",
    "--extra-index-url extra_index_url +",
    "-f,--find-links find_links +",
    "--no-index no_index 0",
    "--index-strategy index_strategy 1",
    "--keyring-provider keyring_provider 1",
    "--reinstall,--force-reinstall reinstall 0",
    "--no-reinstall no_reinstall 0",
    "--reinstall-package reinstall_package +",
    "--link-mode link_mode 1",
    "--compile-bytecode,--compile compile_bytecode 0",
    "--no-compile-bytecode,--no-compile no_compile_bytecode 0",
    "-C,--config-setting,--config-settings config_setting +",
    "--config-settings-package config_settings_package +",
    "--no-build-isolation no_build_isolation 0",
    "--build-isolation build_isolation 0",
    "--exclude-newer exclude_newer 1",
    "--exclude-newer-package exclude_newer_package +",
    "--no-sources no_sources 0",
    "--no-sources-package no_sources_package +",
    "--refresh refresh 0",
    "--no-refresh no_refresh 0",
    "--refresh-package refresh_package +",
)
INSTALL = (
    *PIP,
    *ENVIRONMENT,
    *INSTALLER,
    "-r,--requirements,--requirement requirements +",
    "-e,--editable editable +",
    "--no-editable no_editable 0",
    "--no-editable-package no_editable_package +",
    "--overrides,--override overrides +",
    "--excludes,--exclude excludes +",
    "--no-deps no_deps 0",
    "--deps deps 0",
    "--exact exact 0",
    "--inexact,--no-exact inexact 0",
    "--user user 0",
    "--disable-pip-version-check disable_pip_version_check 0",
    "-U,--upgrade upgrade 0",
    "--no-upgrade no_upgrade 0",
    "-P,--upgrade-package upgrade_package +",
    "--upgrade-group upgrade_group +",
    "--resolution resolution 1",
    "--prerelease prerelease 1",
    "--prerelease-package prerelease_package +",
    "--pre pre 0",
    "--fork-strategy fork_strategy 1",
    "--no-build-isolation-package no_build_isolation_package +",
)
SYNC = (
    *PIP,
    *ENVIRONMENT,
    *INSTALLER,
    "-a,--ask ask 0",
    "--allow-empty-requirements allow_empty_requirements 0",
    "--no-allow-empty-requirements no_allow_empty_requirements 0",
    "--python-executable python_executable 1",
    "--user user 0",
    "--client-cert client_cert 1",
    "--config config 1",
    "--pip-args pip_args 1",
)
UNINSTALL = (
    *PIP,
    *ENVIRONMENT,
    "-r,--requirements,--requirement requirements +",
    "--keyring-provider keyring_provider 1",
    "-y,--yes yes 0",
    "--disable-pip-version-check disable_pip_version_check 0",
)
VERBS = {"install": INSTALL, "sync": SYNC, "uninstall": UNINSTALL}

# Switches that a configuration file or a variable may turn on.
_BREAK = ("break_system_packages", "UV_BREAK_SYSTEM_PACKAGES")
SWITCHES = {
    "pip install": (_BREAK, ("reinstall", ""), ("upgrade", "")),
    "pip sync": (_BREAK, ("reinstall", "")),
    "pip uninstall": (_BREAK,),
}

# Options that exclude each other.
CONFLICTS = (
    ("quiet", "verbose"),
    ("color", "no_color"),
    ("target", "prefix"),
    ("extra", "all_extras"),
    ("no_build", "no_binary"),
    ("no_build", "only_binary"),
)

# Options of pip and pip-sync that are parsed and then refused (crates/uv-cli/src/compat.rs).
UNSUPPORTED = ("ask", "user", "python_executable", "client_cert", "config", "pip_args")
