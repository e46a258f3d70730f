# One image for coordinator and nodes: the `tacit` command, as an unprivileged user.
FROM python:3.12-slim AS build
RUN pip install --no-cache-dir --disable-pip-version-check "uv>=0.9"
ENV UV_PROJECT_ENVIRONMENT=/opt/tacit UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never
WORKDIR /src
# Dependencies first, so that a change of code does not fetch them again.
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --frozen --no-dev --no-install-project
COPY proto proto
COPY linkage linkage
COPY node node
COPY coordinator coordinator
COPY cli cli
RUN uv sync --frozen --no-dev --no-editable

FROM python:3.12-slim
RUN useradd --uid 10001 --create-home tacit \
 && install -d -o tacit -g tacit -m 0700 /var/lib/tacit
COPY --from=build /opt/tacit /opt/tacit
ENV PATH=/opt/tacit/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TACIT_HOME=/var/lib/tacit/node \
    TACIT_COORDINATOR_HOME=/var/lib/tacit/coordinator \
    TACIT_LOG_DIR=/var/lib/tacit/log \
    NUMBA_CACHE_DIR=/tmp/numba
USER tacit
VOLUME /var/lib/tacit
ENTRYPOINT ["tacit"]
CMD ["--help"]
