# For a trial on this machine:
# docker build -t coopkg . && docker run --rm --read-only --tmpfs /tmp -v coopkg:/state -p 127.0.0.1:8080:8080 -e COOPKG_IMPRINT=optional coopkg
FROM python:3.13.14-slim-trixie AS build
WORKDIR /build
COPY requirements.txt ./
RUN python -m venv /opt/coopkg \
 && /opt/coopkg/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE NOTICE CITATION.cff ./
COPY src src
COPY ontology ontology
COPY shapes shapes
COPY data data
COPY docs docs
RUN /opt/coopkg/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation . \
 && python -m compileall -q /opt/coopkg/lib

FROM python:3.13.14-slim-trixie
LABEL org.opencontainers.image.title="coopkg" \
      org.opencontainers.image.description="The open knowledge graph of cooperation projects: build and SPARQL endpoint" \
      org.opencontainers.image.licenses="Apache-2.0 AND CC-BY-4.0 AND etalab-2.0"
COPY --from=build /opt/coopkg /opt/coopkg
RUN install -d -o 10001 -g 10001 /state
ENV COOPKG_STATE=/state COOPKG_HOST=0.0.0.0 COOPKG_PORT=8080 PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
VOLUME /state
EXPOSE 8080
# The first start builds the graph before it answers.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10m \
  CMD ["/opt/coopkg/bin/python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['COOPKG_PORT'] + '/health', timeout=4)"]
ENTRYPOINT ["/opt/coopkg/bin/coopkg"]
CMD ["serve"]
