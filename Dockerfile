# syntax=docker/dockerfile:1
# One static binary in an empty image. It needs no argument, no network and
# no writable root: data lives in /data, temporary files in /tmp.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/sandgate ./cmd/sandgate \
 && mkdir -p /out/data /out/tmp

FROM scratch
COPY --from=build /out/sandgate /sandgate
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build --chown=65532:65532 /out/tmp /tmp
USER 65532:65532
# Every interface inside the container; what is published is the user's choice.
ENV SANDGATE_LISTEN=:7420 SANDGATE_CONTROL_AUTH=off
EXPOSE 7420
VOLUME ["/data", "/tmp"]
HEALTHCHECK --interval=2s --timeout=3s --start-period=5s --retries=15 CMD ["/sandgate", "healthcheck"]
ENTRYPOINT ["/sandgate"]
CMD ["serve"]
