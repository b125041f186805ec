# Starts servers, waits for them, and stops them by their process ids.

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Starts a server in the background: its name, then its command line.
launch() {
    local name=$1
    shift
    "$@" </dev/null >"$place/$name.log" 2>&1 &
    newest=$!
    started+=("$newest")
}

# Waits until the server started last listens on a port; fails as soon as it has ended.
listens() {
    local name=$1 port=$2 pid=$newest tries=0
    while [ $tries -lt 600 ]; do
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then return 0; fi
        kill -0 "$pid" 2>/dev/null || break
        tries=$((tries + 1))
        sleep 0.1
    done
    say "$name does not start:"
    tail -n 5 "$place/$name.log" >&2
    return 1
}

# Asks every server to end, waits ten seconds for all of them, and then does not ask any more.
stop_started() {
    local pid tries=0
    [ ${#started[@]} -gt 0 ] || return 0
    kill -TERM "${started[@]}" 2>/dev/null || true
    for pid in "${started[@]}"; do
        while kill -0 "$pid" 2>/dev/null && [ $tries -lt 100 ]; do
            tries=$((tries + 1))
            sleep 0.1
        done
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
}
