# Servers from compose.yaml, for a machine that cannot install them.

# Starts the named servers, unless Docker is not there.
compose_up() {
    docker compose version >/dev/null 2>&1 || return 1
    say "starting by Docker Compose: $*"
    composed=("$@")
    docker compose --file "$here/../compose.yaml" --project-name bazaar-test up --detach --wait "$@" >&2 || return 1
    local server
    for server in "$@"; do
        case $server in
            redis) export BAZAAR_TEST_REDIS_URL=redis://127.0.0.1:6379 ;;
            rabbitmq) export BAZAAR_TEST_RABBIT_URL=amqp://guest:guest@127.0.0.1:5672 ;;
            mongodb) export BAZAAR_TEST_MONGO_URI="mongodb://127.0.0.1:27017/?replicaSet=rs0" ;;
        esac
    done
}

stop_composed() {
    [ ${#composed[@]} -gt 0 ] || return 0
    docker compose --file "$here/../compose.yaml" --project-name bazaar-test down --volumes >/dev/null 2>&1 || true
}
