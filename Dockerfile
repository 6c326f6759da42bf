# Two stages: one builds the product, one runs it as a plain user. Nothing is compiled: SQLite's driver brings its binary along.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json tsconfig.json tsconfig.build.json tsconfig.console.json ./
COPY scripts/copy-assets.mjs scripts/build-console.mjs scripts/
COPY src src
COPY config config
# The TypeScript compiler is itself an optional part for one platform, so these are left out only afterwards. Transports jt400 and
# odbc stay out of the image: hostserver needs neither a JVM nor a driver.
RUN npm ci --ignore-scripts && npm run build && npm prune --omit=dev --omit=optional --ignore-scripts

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build --chown=node:node /app/package.json ./
COPY --from=build --chown=node:node /app/node_modules node_modules
COPY --from=build --chown=node:node /app/dist dist
COPY --from=build --chown=node:node /app/config config
RUN mkdir -p /data && chown node:node /data
# node, by number: Kubernetes checks runAsNonRoot against a number only
USER 1000:1000
WORKDIR /data
VOLUME /data
EXPOSE 9474
HEALTHCHECK --interval=30s --timeout=5s CMD ["node", "-e", "fetch('http://127.0.0.1:9474/healthz').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/cli/main.js"]
CMD ["run", "-c", "/data/ibmi-cdc.yaml"]
