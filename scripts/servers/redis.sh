# A private Redis that keeps nothing.

start_redis() {
    need python3 python3 || return 1
    need redis-server redis-server || return 1
    local port
    port=$(free_port)
    mkdir -p "$place/redis"
    launch redis redis-server --bind 127.0.0.1 --port "$port" --dir "$place/redis" --save "" --appendonly no
    listens redis "$port" || return 1
    export BAZAAR_TEST_REDIS_URL="redis://127.0.0.1:$port"
    BAZAAR_TEST_REDIS_SERVER=$(command -v redis-server)
    export BAZAAR_TEST_REDIS_SERVER
    say "redis on port $port"
}
