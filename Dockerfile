# An image that holds the static binary and nothing else. Its build context is a
# folder with one sumlint for each architecture, named as Docker names them:
#
#   CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build -trimpath -o image/amd64/sumlint ./cmd/sumlint
#   docker build --file Dockerfile --tag sumlint image
#   docker run --rm --network none --read-only --volume "$PWD:/work:ro" sumlint check
FROM scratch
ARG TARGETARCH=amd64
COPY ${TARGETARCH}/sumlint /sumlint
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["/sumlint"]
CMD ["check"]
