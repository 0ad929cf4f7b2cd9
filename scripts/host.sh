# shellcheck shell=sh
# The host's packages. Sourced by `pyro` and `dev`.

# need PURPOSE PROGRAM:PACKAGE... - makes sure that each program is there: installs the packages of those that are
# missing when it may (an apt host; root, or sudo that asks for no password; not with PYRO_NO_INSTALL=1), or ends the
# script with the exact command. An absolute path, which may be a pattern, names a file instead of a program.
need() {
    purpose=$1
    shift
    missing=
    for pair in "$@"; do
        package=${pair#*:}
        if ! is_there "${pair%%:*}"; then
            case "$missing " in
                *" $package "*) ;;
                *) missing="$missing $package" ;;
            esac
        fi
    done
    [ -n "$missing" ] || return 0

    as_root=
    [ "$(id -u)" = 0 ] || as_root='sudo -n'
    by_hand="${as_root:+sudo }apt-get install -y --no-install-recommends$missing"
    if ! command -v apt-get >/dev/null; then
        need_failed "Missing $purpose:$missing (Debian's names). Install them with this host's package manager."
    fi
    if [ "${PYRO_NO_INSTALL:-}" = 1 ] || { [ -n "$as_root" ] && ! sudo -n true </dev/null 2>/dev/null; }; then
        need_failed "Missing $purpose:$missing. Run: $by_hand"
    fi
    echo "[setup] phase=packages purpose=\"$purpose\" packages=\"${missing# }\"" >&2
    mkdir -p "$home/target"
    log=$home/target/packages.log
    if ! { apt_install "$missing" || { apt_get update && apt_install "$missing"; }; } >"$log" 2>&1; then
        tail -n 15 "$log" >&2
        need_failed "Installing$missing ($purpose) failed; the whole log is $log. By hand: $by_hand"
    fi
}

is_there() {
    case $1 in
        /*)
            # shellcheck disable=SC2086 # a pattern
            ls $1 >/dev/null 2>&1
            ;;
        *) PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null ;;
    esac
}

apt_install() {
    # shellcheck disable=SC2086 # a list of words
    apt_get install -y --no-install-recommends $1
}

# Without descriptor 9, the launcher's lock: what a package starts may live longer than this script.
apt_get() {
    # shellcheck disable=SC2086 # two words or none
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@" </dev/null 9>&-
}

need_failed() {
    echo "[error] $1" >&2
    exit 1
}

# What turns the sources into the program.
need_build_packages() {
    need "to build the program" mvn:maven make:make gcc:gcc musl-gcc:musl-tools
}
