# The official client of the Model Context Protocol for Python, which shops at our server.

MCP_PACKAGE=mcp==2.3.0

# Puts the folder of the package into the environment, fetched if it is not there.
find_mcp() {
    local kept=$cache/mcp/$MCP_PACKAGE
    need python3 python3 || return 1
    [ -d "$kept" ] || fetch_mcp "$kept" >&2 || return 1
    export BAZAAR_TEST_MCP="$kept"
}

fetch_mcp() {
    local kept=$1
    say "fetching $MCP_PACKAGE"
    python3 -m pip --version >/dev/null 2>&1 || install python3-pip || return 1
    python3 -m pip install -q --root-user-action ignore --only-binary :all: \
        --target "$place/mcp" "$MCP_PACKAGE" || return 1
    mkdir -p "$(dirname "$kept")"
    # Moved into place at the end, so that nobody finds half a package.
    mv "$place/mcp" "$kept.$$" && mv "$kept.$$" "$kept"
}
