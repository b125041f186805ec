# syntax=docker/dockerfile:1

FROM rust:1.95-slim-bookworm AS build
# A C compiler for the allocator and the cryptography.
RUN apt-get update \
    && apt-get install -y --no-install-recommends build-essential \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build

# The dependencies, in a layer that stays while the code changes: an empty package builds them.
# What was built of the package itself is removed, or cargo would take the real sources, whose
# times are older, for built already. The benches are there because Cargo.toml names them.
COPY Cargo.toml Cargo.lock ./
COPY benches benches
RUN mkdir src \
    && echo 'fn main() {}' > src/main.rs \
    && touch src/lib.rs \
    && cargo build --release --locked --bin bazaar \
    && rm -rf src target/release/bazaar target/release/deps/*bazaar-* target/release/.fingerprint/bazaar-*

COPY config.toml ./
COPY src src
RUN cargo build --release --locked --bin bazaar && mkdir /data

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
