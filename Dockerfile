# One image for web, workers, beat and the schema step; docker-compose.yml says which is which.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PATH=/opt/bespoke/.venv/bin:$PATH

WORKDIR /opt/bespoke
COPY scripts/system-packages.sh scripts/
RUN scripts/system-packages.sh runtime && rm -rf /var/lib/apt/lists/*

# the locked packages before the source, so that a change of ours does not install them anew
COPY scripts/environment.sh scripts/
COPY requirements-uv.lock requirements.lock ./
RUN scripts/environment.sh runtime && rm -rf /root/.cache

COPY LICENSE NOTICE ./
COPY workflows workflows
COPY renders renders
COPY templates templates
COPY bespoke bespoke

RUN useradd --system --uid 10001 --home-dir /var/lib/bespoke --create-home bespoke
USER bespoke
ENV BESPOKE_DATA_FOLDER=/var/lib/bespoke
VOLUME /var/lib/bespoke
EXPOSE 8765
CMD ["bespoke", "serve"]
