# shellcheck shell=sh
# Builds the program and installs it in target/launcher. Sourced by `pyro`, with $home, $launcher and $java_home set.
#
#   target/launcher/lock           held by the one that builds
#   target/launcher/jdk            the JDK found last time
#   target/launcher/building       exists while a build runs; left over when it was killed
#   target/launcher/program-HASH   pyro.jar, lib/ and the start-up archives, HASH being that of the class path: a JVM may take
#                                  classes from an archive whose jar has changed (JDK-8377932)
#   target/launcher/current        the name of the folder in use; as old as the sources that it was built from
#   target/launcher/installed      as old as the last look at target/pyro.jar

LOCK_SECONDS=1800
TRAINING_SECONDS=120

# Makes sure of an up-to-date program; sets app and archive, or ends the script.
install_program() {
    # A start-up archive that was trained by a relative path breaks the JVM in every other working directory.
    home=$(CDPATH='' cd -P -- "$home" && pwd -P) || exit 1
    launcher=$home/target/launcher
    if ! mkdir -p "$launcher" 2>/dev/null || [ ! -w "$launcher" ]; then
        use_what_is_there
        return
    fi
    known=
    { read -r known <"$launcher/jdk"; } 2>/dev/null || :
    if [ "$known" != "$java_home" ]; then
        echo "$java_home" >"$launcher/jdk.$$" && mv "$launcher/jdk.$$" "$launcher/jdk"
    fi
    is_fresh && return
    command -v flock >/dev/null || fail "flock is missing: install the package util-linux."
    exec 9>>"$launcher/lock"
    if ! flock -n 9; then
        echo "[setup] phase=wait detail=\"another pyro is building the program\"" >&2
        flock -w "$LOCK_SECONDS" 9 || fail "another pyro has been building for $LOCK_SECONDS s; lock file: $launcher/lock"
    fi
    if ! is_fresh; then
        rm -rf "$launcher"/staging.*
        # What somebody built with Maven will do, if it is whole.
        if ! { built_is_newer && take_built "$home/target/pyro.jar"; }; then
            build
            take_built "$launcher/building" || {
                show_log "$home/target/build.log"
                fail "the program was built but does not start; the log above is $home/target/build.log"
            }
            rm -f "$launcher/building"
        fi
        archive=$launcher/$app/$java_runtime$archive_suffix.aot
        [ -f "$archive" ] || train
    fi
    exec 9>&-
}

# A checkout that cannot be written: whatever was built before is used.
use_what_is_there() {
    is_fresh && return
    [ -f "$launcher/${app:-none}/pyro.jar" ] \
        || fail "the program is not built yet and $home/target cannot be written: run $home/pyro once as a user who may write there."
    echo "[setup] warning: the sources in $home are newer than the program, and $home/target cannot be written" >&2
    archive=$launcher/$app/$java_runtime$archive_suffix.aot
}

# Tells whether target/pyro.jar is newer than all sources, and no launcher's build was killed.
built_is_newer() {
    [ -f "$home/target/pyro.jar" ] && [ ! -e "$launcher/building" ] && nothing_newer_than "$home/target/pyro.jar"
}

build() {
    need_build_packages
    if [ -e "$launcher/building" ]; then
        # The last build was killed: nothing that it left half-written may survive.
        rm -rf "$home/target/classes" "$home/target/maven-status" "$home/guest/build"
    fi
    rm -rf "$home/target/pyro.jar" "$home/target/lib"
    : >"$launcher/building"
    echo "[setup] phase=build detail=\"the first build takes a minute or two\" log=$home/target/build.log" >&2
    # Tests and checks are for contributors: see `dev test`.
    if ! (
        cd "$home" && JAVA_HOME=$java_home MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow" \
            mvn -q -B -Dstyle.color=never -Dmaven.test.skip=true -Dpyro.checks=false package
    ) >"$home/target/build.log" 2>&1 </dev/null; then
        show_log "$home/target/build.log"
        fail "building the program failed; the end of the log is above, the whole of it is $home/target/build.log"
    fi
}

# take_built AGE - copies what Maven built to its own folder and makes it the one in use; sets app.
take_built() {
    staging=$launcher/staging.$$
    : >"$launcher/installed.$$"
    rm -rf "$staging"
    mkdir "$staging" && cp "$home/target/pyro.jar" "$staging/" && cp -r "$home/target/lib" "$staging/" || return 1
    # Optional: without it a start takes longer.
    "$java_home/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$staging/pyro.jar" dev.pyro.LibraryUpgrade \
        "$staging/lib" >"$home/target/training.log" 2>&1 </dev/null || cp "$home/target/lib"/*.jar "$staging/lib/"
    "$java_home/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -jar "$staging/pyro.jar" --version >/dev/null 2>&1 \
        </dev/null || return 1
    rm -f "$staging"/lib/*.new
    app=program-$(cd "$staging" && sha256sum pyro.jar lib/*.jar | sha256sum | cut -c 1-16)
    [ -d "$launcher/$app" ] || mv "$staging" "$launcher/$app"
    rm -rf "$staging"

    last=
    { read -r last <"$launcher/current"; } 2>/dev/null || :
    echo "$app" >"$launcher/current.$$"
    touch -r "$1" "$launcher/current.$$"
    mv "$launcher/installed.$$" "$launcher/installed"
    mv "$launcher/current.$$" "$launcher/current"
    # Those that run now may still need the program before this one.
    for old in "$launcher"/program-*; do
        [ "$old" = "$launcher/$app" ] || [ "$old" = "$launcher/$last" ] || rm -rf "$old"
    done
}

# Records which classes a start needs, already linked: one archive for the MCP server, one for everything else. Without them
# everything works, only later; an empty file says that this JDK could not make one.
train() {
    echo "[setup] phase=train detail=\"makes every later start faster\"" >&2
    staging=$launcher/staging.$$
    mkdir "$staging"
    train_for "$launcher/$app/$java_runtime.aot"
    train_for "$launcher/$app/$java_runtime-mcp.aot" mcp
    rm -rf "$staging"
}

# train_for ARCHIVE [PURPOSE] - makes one archive, unless it is there.
train_for() {
    [ ! -f "$1" ] || return 0
    made=$1
    shift
    if timeout --foreground "$TRAINING_SECONDS" env PYRO_CACHE_DIR="$staging/cache" PYRO_STATE_DIR="$staging/state" \
        "$java_home/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData \
        -XX:AOTCacheOutput="$staging/archive" -cp "$launcher/$app/pyro.jar" dev.pyro.StartupTraining "$@" \
        >>"$home/target/training.log" 2>&1 </dev/null \
        && "$java_home/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:AOTMode=on \
            -XX:AOTCache="$staging/archive" -jar "$launcher/$app/pyro.jar" --version >>"$home/target/training.log" 2>&1 </dev/null; then
        mv "$staging/archive" "$made"
    else
        : >"$made"
    fi
}

show_log() {
    tail -n 30 "$1" >&2
}

fail() {
    echo "[error] $1" >&2
    exit 1
}
