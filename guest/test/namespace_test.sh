#!/bin/sh
# Runs the whole agent in namespaces, as the namespace back end does, and a test against its socket. A bare root holds one program,
# and in the way of the machine's own directories links and a file.
# usage: namespace_test.sh AGENT TEST usual|bare
set -eu

agent=$(realpath "$1")
test=$(realpath "$2")

for tool in bwrap busybox; do
    if ! command -v $tool >/dev/null; then
        echo "namespace_test: there is no $tool: install it (\`./dev setup\` does) and run the test again" >&2
        exit 1
    fi
done

work=$(mktemp -d /tmp/pyro-agent-ns-XXXXXX)
sandbox=
finish() {
    if [ -n "$sandbox" ]; then
        kill -9 "$sandbox" 2>/dev/null || true
    fi
    chmod -R u+rwx "$work"
    rm -rf "$work"
}
trap finish EXIT

mkdir -p "$work/lower" "$work/upper/upper" "$work/upper/work" "$work/socket" "$work/workspace/.pyro-import-0123456789abcdef-1/new"
if [ "$3" = bare ]; then
    mkdir "$work/lower/tool"
    cp "$(command -v busybox)" "$work/lower/tool/busybox"
    echo "no program" >"$work/lower/tool/text"
    chmod 755 "$work/lower/tool/text"
    echo "a file" >"$work/lower/dev"
    ln -s /tool "$work/lower/run"
    ln -s /nowhere "$work/lower/workspace"
    ln -s tool/proc "$work/lower/proc"
else
    mkdir "$work/lower/bin" "$work/lower/etc" "$work/lower/root" "$work/lower/tmp"
    cp "$(command -v busybox)" "$work/lower/bin/busybox"
    for applet in $("$work/lower/bin/busybox" --list); do
        [ "$applet" = busybox ] || ln -s busybox "$work/lower/bin/$applet"
    done
    echo lower >"$work/lower/etc/lower"
    # An image's own /run, and what an image of Debian's expects of it.
    mkdir "$work/lower/run" "$work/lower/run/lock" "$work/lower/run/app" "$work/lower/var"
    chmod 1777 "$work/lower/run/lock"
    chmod 2750 "$work/lower/run/app"
    echo 17 >"$work/lower/run/app/pid"
    ln -s /run "$work/lower/var/run"
fi

# An agent that is linked to the host's libraries (with sanitizers) finds them here until it has switched its root.
libraries=
if ldd "$agent" >/dev/null 2>&1; then
    for directory in /usr /lib /lib64; do
        [ -e $directory ] && libraries="$libraries --ro-bind $directory $directory"
    done
fi
capabilities=
for name in SYS_ADMIN SYS_RESOURCE SYS_CHROOT CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE; do
    capabilities="$capabilities --cap-add CAP_$name"
done

# shellcheck disable=SC2086
bwrap --unshare-user --uid 0 --gid 0 $capabilities --unshare-pid --unshare-net --unshare-ipc --unshare-uts \
    --as-pid-1 --die-with-parent --new-session --clearenv --setenv ASAN_OPTIONS detect_leaks=0 $libraries \
    --ro-bind "$work/lower" /lower --bind "$work/upper" /upper --bind "$work/socket" /socket \
    --bind "$work/workspace" /folder \
    --ro-bind "$agent" /pyro-agent --proc /proc --dev /dev --tmpfs /run --chdir / \
    -- /pyro-agent --namespace /socket/agent.sock --lower /lower --upper /upper --workspace /folder &
sandbox=$!

if [ "$3" = bare ]; then
    "$test" "$work/socket/agent.sock"
else
    "$test" "$work/socket/agent.sock" "$work"
fi

# The test ends with SHUTDOWN, and the sandbox with it.
wait $sandbox
sandbox=
