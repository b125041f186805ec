# The official client of Socket.IO, for Node.js, which is driven against our shop.

SOCKETIO_CLIENT=socket.io-client@4.8.1

# Puts the folder of the client into the environment, fetched if it is not there.
find_socketio() {
    local kept=$cache/socketio/$SOCKETIO_CLIENT
    need node nodejs || return 1
    [ -d "$kept" ] || fetch_socketio "$kept" >&2 || return 1
    export BAZAAR_TEST_SOCKETIO="$kept"
}

fetch_socketio() {
    local kept=$1
    say "fetching $SOCKETIO_CLIENT"
    need npm npm || return 1
    npm install --silent --no-audit --no-fund --ignore-scripts --cache "$place/npm" \
        --prefix "$place/socketio" "$SOCKETIO_CLIENT" || return 1
    mkdir -p "$(dirname "$kept")"
    # Moved into place at the end, so that nobody finds half a package.
    mv "$place/socketio/node_modules" "$kept.$$" && mv "$kept.$$" "$kept"
}
