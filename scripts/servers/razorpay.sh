# Razorpay's own package for Python, whose signatures ours are compared with.

RAZORPAY_PACKAGE=razorpay==2.0.1

# Puts the folder of the package into the environment, fetched if it is not there.
find_razorpay() {
    local kept=$cache/razorpay/$RAZORPAY_PACKAGE
    need python3 python3 || return 1
    [ -d "$kept" ] || fetch_razorpay "$kept" >&2 || return 1
    export BAZAAR_TEST_RAZORPAY="$kept"
}

fetch_razorpay() {
    local kept=$1
    say "fetching $RAZORPAY_PACKAGE"
    python3 -m pip --version >/dev/null 2>&1 || install python3-pip || return 1
    python3 -m pip install -q --root-user-action ignore --only-binary :all: \
        --target "$place/razorpay" "$RAZORPAY_PACKAGE" || return 1
    mkdir -p "$(dirname "$kept")"
    # Moved into place at the end, so that nobody finds half a package.
    mv "$place/razorpay" "$kept.$$" && mv "$kept.$$" "$kept"
}
