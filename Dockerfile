# An image with sess2redis and Node, and nothing else:
#   docker build -t sess2redis:0.2.0 .
#   docker run --rm --user "$(id -u odoo)" -v /var/lib/odoo/sessions:/sessions:ro sess2redis:0.2.0 audit /sessions
# Every RUN line works on relative paths alone, as `npm run smoke` executes them without an engine.

FROM node:24-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts ./scripts
COPY src ./src
RUN npm run build
RUN npm prune --omit=dev --no-audit --no-fund
# Sources of LevelDB, binaries for other systems, and what only editors and compilers read.
RUN rm -rf node_modules/classic-level/deps \
    && find node_modules/classic-level/prebuilds -mindepth 1 -maxdepth 1 ! -name 'linux-*' -exec rm -r {} + \
    && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' \) -delete

FROM node:24-slim
LABEL org.opencontainers.image.title="sess2redis" \
      org.opencontainers.image.description="Moves web applications' file sessions into Redis" \
      org.opencontainers.image.source="https://github.com/sess2redis/sess2redis" \
      org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production
ENV PATH=/opt/sess2redis/bin:$PATH
# The ledger: mount a volume there that outlives the container, owned by the user it runs as.
ENV XDG_STATE_HOME=/state
WORKDIR /opt/sess2redis
COPY LICENSE package.json ./
COPY bin ./bin
COPY templates ./templates
COPY --from=build /build/dist ./dist
COPY --from=build /build/node_modules ./node_modules
RUN ln -s sess2redis.js bin/sess2redis
USER node
ENTRYPOINT ["sess2redis"]
CMD ["--help"]
