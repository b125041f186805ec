# The official client of the Model Context Protocol for Node.js, which shops at our server, too.

MCP_NODE_PACKAGE=@modelcontextprotocol/sdk@1.32.2

# Puts the folder of the package into the environment, fetched if it is not there.
find_mcp_node() {
    local kept=$cache/mcp-node/$MCP_NODE_PACKAGE
    need node nodejs || return 1
    [ -d "$kept" ] || fetch_mcp_node "$kept" >&2 || return 1
    export BAZAAR_TEST_MCP_NODE="$kept"
}

fetch_mcp_node() {
    local kept=$1
    say "fetching $MCP_NODE_PACKAGE"
    need npm npm || return 1
    npm install --silent --no-audit --no-fund --ignore-scripts --cache "$place/npm" \
        --prefix "$place/mcp-node" "$MCP_NODE_PACKAGE" || return 1
    mkdir -p "$(dirname "$kept")"
    # Moved into place at the end, so that nobody finds half a package.
    mv "$place/mcp-node/node_modules" "$kept.$$" && mv "$kept.$$" "$kept"
}
