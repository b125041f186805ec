# syntax=docker/dockerfile:1

# Which of the sources decide what the dependencies are: nothing but the two Cargo files, so that
# the layer that builds them stays while the code changes.
FROM rust:1.95-slim-bookworm AS chef
# A C compiler for the allocator and the cryptography.
RUN apt-get update \
    && apt-get install -y --no-install-recommends build-essential \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build

FROM chef AS build
COPY Cargo.toml Cargo.lock rust-toolchain.toml ./
# An empty package builds every dependency. Its own two files are removed, so that cargo does not
# take them, which are newer than the real ones, for what they stand in for.
RUN mkdir src benches \
    && echo 'fn main() {}' > src/main.rs \
    && touch src/lib.rs \
    && cargo build --release --locked --bin bazaar \
    && rm -rf src benches target/release/bazaar target/release/deps/bazaar-* \
        target/release/deps/libbazaar-* target/release/.fingerprint/bazaar-*
COPY config.toml ./
COPY src src
RUN cargo build --release --locked --bin bazaar \
    && strip target/release/bazaar \
    && mkdir /data

# glibc, certificates and nothing else: no shell, no package manager, no root.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /build/target/release/bazaar /usr/local/bin/bazaar
COPY --from=build --chown=nonroot:nonroot /data /data
ENV BAZAAR_DATA_DIR=/data HOST=0.0.0.0 PORT=3000
WORKDIR /data
USER nonroot
VOLUME /data
EXPOSE 3000
# The image holds no curl: the binary asks itself.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["/usr/local/bin/bazaar", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/bazaar"]
CMD ["serve"]
