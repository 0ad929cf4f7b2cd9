# shellcheck shell=sh
# Finds a JDK 25 or newer. Sourced by `pyro` and `dev`.

# Sets java_home and java_runtime when the folder $1 holds a JDK 25 or newer; always sets java_version.
fits() {
    java_version=unknown java_runtime='' java_home=''
    [ -r "$1/release" ] || return 1
    while IFS='=' read -r key value; do
        value=${value#\"}
        case $key in
            JAVA_VERSION) java_version=${value%\"} ;;
            JAVA_RUNTIME_VERSION) java_runtime=${value%\"} ;;
        esac
    done <"$1/release"
    java_major=${java_version%%[!0-9]*}
    [ "${java_major:-0}" -ge 25 ] && [ -x "$1/bin/javac" ] || return 1
    java_home=$1
}

# Sets java_home, java_version and java_runtime, or ends the script and says what was found and what to install.
find_jdk() {
    seen=
    if [ -n "${JAVA_HOME:-}" ] && try_jdk "$JAVA_HOME"; then
        return
    fi
    if on_path=$(command -v java) && on_path=$(readlink -f "$on_path") && try_jdk "${on_path%/bin/java}"; then
        return
    fi
    best=
    search_usual_folders
    if [ -n "$best" ]; then
        fits "$best"
        return
    fi
    {
        echo "[error] Pyro needs a JDK, version 25 or newer, and found none."
        [ -z "$seen" ] || printf 'Found, but too old or without a compiler:\n%s' "$seen"
        echo "Searched: JAVA_HOME (${JAVA_HOME:-not set}), java on PATH, /usr/lib/jvm, /usr/java, /opt, ~/.sdkman, ~/.jdks, mise, asdf."
        echo "Install one, such as Eclipse Temurin 25 (https://adoptium.net/installation/linux), or unpack one"
        echo "anywhere and set JAVA_HOME to its folder."
    } >&2
    exit 1
}

# Sets best to the oldest JDK that fits: 25 is what the tests run with.
search_usual_folders() {
    user=${HOME:-/nonexistent}
    best_major=1000
    for folder in /usr/lib/jvm/* /usr/java/* /usr/local/lib/jvm/* /opt/* /opt/java/* /opt/jvm/* \
        "$user"/.sdkman/candidates/java/* "$user"/.jdks/* "$user"/.local/share/mise/installs/java/* "$user"/.asdf/installs/java/*; do
        if try_jdk "$folder" && [ "$java_major" -lt "$best_major" ]; then
            best_major=$java_major
            best=$folder
        fi
    done
}

# Tries one folder; remembers for the message what does not fit.
try_jdk() {
    [ -x "$1/bin/java" ] || return 1
    fits "$1" && return
    case $seen in
        *" $1 "*) ;;
        *) seen="$seen  $1 (version $java_version)
" ;;
    esac
    return 1
}
