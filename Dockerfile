# docker build --build-arg VERSION="$(git describe --tags --always)" --build-arg REVISION="$(git rev-parse HEAD)" -t foresight .
# The same sources and arguments give the same binary. Base images are pinned by digest; Dependabot moves tag and digest together.

FROM --platform=$BUILDPLATFORM golang:1.26.5@sha256:3aff6657219a4d9c14e27fb1d8976c49c29fddb70ba835014f477e1c70636647 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=unknown
ARG REVISION=unknown
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -buildvcs=false \
    -ldflags "-s -w -buildid= -X github.com/prometheus/common/version.Version=$VERSION -X github.com/prometheus/common/version.Revision=$REVISION" \
    -o out/foresight ./cmd/foresight
RUN mkdir out/data && go build -C tools/licenses -o ../../out/go-licenses tool && \
    GOOS=$TARGETOS GOARCH=$TARGETARCH .ci/licenses out/go-licenses out/licenses

# Its certificates, time zones and user are all that Foresight needs. There is no shell: whatever runs the container
# probes /-/healthy and /-/ready over HTTP.
FROM gcr.io/distroless/static:nonroot@sha256:e2e927ec666bae08560abb3c55d0659eceabb657f56b6782ab500a9fc7f555e3
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="foresight" \
      org.opencontainers.image.description="A predictive sidecar exporter for Prometheus" \
      org.opencontainers.image.source="https://github.com/foresight-exporter/foresight" \
      org.opencontainers.image.documentation="https://github.com/foresight-exporter/foresight/blob/main/docs/operations.md" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
COPY LICENSE /LICENSE
COPY --from=build /src/out/licenses /usr/share/doc/foresight/licenses
COPY --from=build /src/out/foresight /bin/foresight
COPY --from=build --chown=65532:65532 /src/out/data /data
USER 65532:65532
# The only place that is written to: the root file system may be read-only.
VOLUME /data
EXPOSE 10780
ENTRYPOINT ["/bin/foresight"]
CMD ["serve", "--config.file=/etc/foresight/foresight.yml", "--storage.path=/data"]
