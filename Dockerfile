# syntax=docker/dockerfile:1

# ---- build: SQLite is C, so CGO is on and the C library is that of the last stage
FROM golang:1.26-bookworm AS build
WORKDIR /src
ENV CGO_ENABLED=1

COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download

COPY . .
# They are shown by /version.
ARG VERSION=dev
ARG COMMIT=
ARG BUILT_AT=
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    go build -trimpath -buildvcs=false \
      -ldflags "-s -w -X main.version=${VERSION} -X main.commit=${COMMIT} -X main.builtAt=${BUILT_AT}" \
      -o /out/rapport ./cmd/rapport \
 && mkdir -p /out/data

# ---- run: the C library, time zones and root certificates, and no shell
FROM gcr.io/distroless/base-debian12:nonroot
COPY --from=build /out/rapport /rapport
# A new named volume takes its owner from this folder.
COPY --from=build --chown=65532:65532 --chmod=0700 /out/data /data

# In a container the port is published by choice, so the server may listen on all
# of the container's own addresses.
ENV RAPPORT_LISTEN=0.0.0.0:8080 \
    RAPPORT_DATA=/data
VOLUME /data
EXPOSE 8080
USER 65532:65532

# The sub-command exists so that the image needs neither curl nor a shell: it asks
# /healthz on RAPPORT_LISTEN's port and ends with 0 or 1.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["/rapport", "healthcheck"]

ENTRYPOINT ["/rapport"]
CMD ["serve"]
