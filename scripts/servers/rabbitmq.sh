# A private RabbitMQ. Debian's own wrapper goes through su and would escape us: the script that it
# calls is called here, as the user that the package made. It would also leave a port mapper behind
# (epmd): it gets one of its own, which is stopped like everything else.

rabbitmq_script() {
    local candidate
    for candidate in /usr/lib/rabbitmq/bin/rabbitmq-server "$(command -v rabbitmq-server || true)"; do
        if [ -x "$candidate" ]; then
            echo "$candidate"
            return 0
        fi
    done
    return 1
}

start_rabbitmq() {
    need python3 python3 || return 1
    rabbitmq_script >/dev/null || install rabbitmq-server || return 1
    command -v epmd >/dev/null || return 1
    local port mapper home=$place/rabbitmq as=(env)
    port=$(free_port)
    mapper=$(free_port)
    mkdir -p "$home"
    : >"$home/rabbitmq.conf"
    echo '[].' >"$home/enabled_plugins"
    if [ "$(id -u)" = 0 ] && id rabbitmq >/dev/null 2>&1; then
        chown -R rabbitmq "$home"
        as=(runuser -u rabbitmq -- env)
    fi
    launch epmd epmd -address 127.0.0.1 -port "$mapper"
    listens epmd "$mapper" || return 1
    launch rabbitmq "${as[@]}" -C "$home" HOME="$home" ERL_EPMD_PORT="$mapper" \
        RABBITMQ_NODENAME="bazaar$port@localhost" RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 \
        RABBITMQ_NODE_PORT="$port" RABBITMQ_DIST_PORT="$(free_port)" \
        RABBITMQ_CONFIG_FILE="$home/rabbitmq.conf" RABBITMQ_ENABLED_PLUGINS_FILE="$home/enabled_plugins" \
        RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_MNESIA_BASE="$home/mnesia" RABBITMQ_LOG_BASE="$home/log" \
        RABBITMQ_PID_FILE="$home/pid" "$(rabbitmq_script)"
    listens rabbitmq "$port" || return 1
    export BAZAAR_TEST_RABBIT_URL="amqp://guest:guest@127.0.0.1:$port"
    BAZAAR_TEST_RABBIT_SERVER=$(rabbitmq_script)
    export BAZAAR_TEST_RABBIT_SERVER
    say "rabbitmq on port $port"
}
