# pika, the Python client of RabbitMQ: tests listen with it as the consumers of earlier systems do.
# A wheel of pure Python needs no installing: it is fetched once into the cache and put on the path.

PIKA=pika==1.4.4

find_pika() {
    need python3 python3 || return 1
    local kept=$cache/pika/$PIKA.whl
    [ -e "$kept" ] || fetch_pika "$kept" || return 1
    export BAZAAR_TEST_PIKA="$kept"
}

fetch_pika() {
    say "fetching $PIKA"
    python3 -m pip --version >/dev/null 2>&1 || install python3-pip || return 1
    python3 -m pip download -q --no-deps --dest "$place/pika" "$PIKA" || return 1
    mkdir -p "$(dirname "$1")"
    mv "$place"/pika/*.whl "$1.$$" && mv "$1.$$" "$1"
}
