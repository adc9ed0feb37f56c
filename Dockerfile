# Three images out of one build: server, agent, cli.
#
#   docker build --target server --tag inframind-server .
#
# Each holds its program, the libraries it loads, and nothing else: no shell, no package manager, no user but one without a
# name elsewhere. Runs as it is on x86-64 and arm64; build each on a machine of its own kind, for emulation takes hours.
#
# The same source, base images and SOURCE_DATE_EPOCH give the same files, but for what Debian mended in between: name a
# snapshot's image in DEBIAN_IMAGE for the same bytes.
ARG SWIFT_IMAGE=docker.io/library/swift:6.2-bookworm
ARG DEBIAN_IMAGE=docker.io/library/debian:bookworm-slim

FROM ${SWIFT_IMAGE} AS build
# Absolute paths end up in what the compiler writes: the same everywhere for the same files.
ARG SOURCE=/inframind
WORKDIR ${SOURCE}
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# Debian's security updates are wanted, so no versions are pinned here; the SBOM says which they were.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        ca-certificates git libhiredis-dev libpq-dev libsqlite3-dev make pkg-config python3 python3-pip zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
COPY . .
# A Package.resolved that lies beside Package.swift, such as the one of a release, decides which versions are taken.
RUN scripts/setup \
    && make --no-print-directory programs agent-program \
    && deploy/docker/stage /stage

FROM ${DEBIAN_IMAGE} AS libraries
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get upgrade --yes \
    && apt-get install --yes --no-install-recommends \
        ca-certificates libgomp1 libhiredis0.14 libpq5 libsqlite3-0 libssl3 libstdc++6 zlib1g \
    && rm -rf /var/lib/apt/lists/*
ARG SOURCE_DATE_EPOCH=0
COPY deploy/docker/assemble deploy/docker/bill-of-materials /usr/local/bin/
COPY --from=build /stage /stage
# libssl: the agent loads it when it speaks TLS. libgomp: LightGBM's own.
RUN assemble /images/server /stage/server \
    && assemble /images/agent /stage/agent libssl.so.3 \
    && assemble /images/cli /stage/cli

FROM scratch AS server
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="InfraMind server" \
      org.opencontainers.image.description="Takes in what builds did, learns what they need, sizes the next one" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.source="https://github.com/inframind/inframind" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=libraries /images/server /
# In a container, loopback is nobody. The development key is refused then: give it INFRAMIND_TOKENS_FILE.
ENV PATH=/usr/bin INFRAMIND_HOST=0.0.0.0 INFRAMIND_PORT=8080 INFRAMIND_DATA=/var/lib/inframind \
    INFRAMIND_ENVIRONMENT=production INFRAMIND_LOG_FORMAT=json
USER 65532:65532
WORKDIR /var/lib/inframind
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=10s --start-period=2m CMD ["/usr/bin/inframind-server", "healthcheck"]
ENTRYPOINT ["/usr/bin/inframind-server"]
CMD ["serve"]

FROM scratch AS agent
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="InfraMind agent" \
      org.opencontainers.image.description="Measures a node, and the builds on it, for Prometheus and the InfraMind server" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.source="https://github.com/inframind/inframind" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=libraries /images/agent /
ENV PATH=/usr/bin
USER 65532:65532
EXPOSE 9102
# With another address than this one, say so here, too.
HEALTHCHECK --interval=10s --timeout=5s CMD ["/usr/bin/inframind-agent", "--healthcheck", "--listen", ":9102"]
ENTRYPOINT ["/usr/bin/inframind-agent"]
CMD ["--listen", ":9102"]

FROM scratch AS cli
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="InfraMind command line" \
      org.opencontainers.image.description="Asks for settings, wraps builds, reports what they used" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.source="https://github.com/inframind/inframind" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=libraries /images/cli /
ENV PATH=/usr/bin
USER 65532:65532
# A program that ends has no health.
HEALTHCHECK NONE
ENTRYPOINT ["/usr/bin/inframind"]
