# shellcheck shell=sh
# The host's packages. Sourced by `pyro` and `dev`.

# need PURPOSE PROGRAM:PACKAGE... - makes sure that each program is there: installs the packages of those that are
# missing when it may (an apt host; root, or sudo that asks for no password), or ends the script with the exact command.
# A leading / names a file instead of a program.
need() {
    purpose=$1
    shift
    missing=
    for pair in "$@"; do
        case $pair in
            /*) [ -e "${pair%%:*}" ] ;;
            *) PATH=$PATH:/usr/sbin:/sbin command -v "${pair%%:*}" >/dev/null ;;
        esac || missing="$missing ${pair#*:}"
    done
    [ -n "$missing" ] || return 0

    if [ "$(id -u)" = 0 ]; then
        as_root=
    else
        as_root=sudo
    fi
    command_line="${as_root:+$as_root }apt-get install -y --no-install-recommends$missing"
    if ! command -v apt-get >/dev/null; then
        echo "[error] Missing $purpose:$missing (Debian's package names). Install them with this host's package manager." >&2
        exit 1
    fi
    if [ -n "$as_root" ] && ! sudo -n true 2>/dev/null; then
        echo "[error] Missing $purpose:$missing. Run: $command_line" >&2
        exit 1
    fi
    echo "[setup] phase=packages purpose=\"$purpose\" packages=\"${missing# }\"" >&2
    log=$home/target/packages.log
    mkdir -p "$home/target"
    # shellcheck disable=SC2086 # lists of words
    if ! {
        $as_root apt-get -q -o DPkg::Lock::Timeout=300 update
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 install -y \
            --no-install-recommends $missing
    } >"$log" 2>&1 </dev/null 9>&-; then
        tail -n 15 "$log" >&2
        echo "[error] Installing$missing ($purpose) failed; the whole log is $log. Try: $command_line" >&2
        exit 1
    fi
}

# What turns the sources into the program.
need_build_packages() {
    need "to build the program" mvn:maven make:make gcc:gcc musl-gcc:musl-tools
}
