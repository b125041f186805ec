# Gets what is not there.

# Installs packages by apt, if this is a machine where that is ours to do.
install() {
    is_root_on_debian || return 1
    say "installing $*"
    if [ ! -e "$place/apt-updated" ]; then
        apt-get update -qq >"$place/apt.log" 2>&1 || { tail -n 3 "$place/apt.log" >&2; return 1; }
        touch "$place/apt-updated"
    fi
    # A package must not start a server of the machine's own: ours are private.
    local policy=/usr/sbin/policy-rc.d ours=
    if [ ! -e "$policy" ]; then
        ours=yes
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
    fi
    local status=0
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" \
        >"$place/apt.log" 2>&1 || status=$?
    if [ -n "$ours" ]; then rm -f "$policy"; fi
    [ "$status" = 0 ] || tail -n 3 "$place/apt.log" >&2
    return "$status"
}

# Installs a package unless the program it brings is there.
need() {
    command -v "$1" >/dev/null || install "$2"
}
