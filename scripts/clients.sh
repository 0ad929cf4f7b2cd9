# shellcheck shell=sh
# What others wrote and the tests run: MCP checkers and coding agents, from npm. Sourced by `dev`.

# install_clients NAME... - installs what src/test/clients/NAME pins into target/clients/NAME. Does nothing, and needs no
# network, when that very lock file is installed already.
install_clients() {
    for set_name in "$@"; do
        pinned=$home/src/test/clients/$set_name
        installed=$home/target/clients/$set_name
        ! cmp -s "$pinned/package-lock.json" "$installed/package-lock.json" || continue
        # Any node will do for npm: what the packages themselves run on is one of them.
        need "to install what src/test/clients names" node:nodejs npm:npm
        echo "[setup] phase=clients from=src/test/clients/$set_name" >&2
        rm -rf "$installed" "$installed.new"
        mkdir -p "$installed.new"
        cp "$pinned/package.json" "$pinned/package-lock.json" "$pinned/.npmrc" "$installed.new/"
        log=$home/target/clients/$set_name.log
        if ! (cd "$installed.new" && timeout 900 npm ci --prefer-offline </dev/null) >"$log" 2>&1; then
            tail -n 15 "$log" >&2
            echo "[error] Installing what src/test/clients/$set_name names failed; the whole log is $log." >&2
            return 1
        fi
        mv "$installed.new" "$installed"
    done
}
