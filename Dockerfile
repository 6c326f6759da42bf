# Two stages: one builds the native SQLite module and the product, one runs it as a plain user.
FROM node:20-bookworm-slim AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends g++=4:12.2.0-3 make=4.3-4.1 python3=3.11.2-1+b1 \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json tsconfig.json tsconfig.build.json ./
COPY scripts/copy-assets.mjs scripts/
COPY src src
COPY config config
# transports jt400 and odbc stay out of the image: hostserver needs neither a JVM nor a driver
RUN npm ci --omit=optional && npm prune --omit=dev --omit=optional --ignore-scripts

FROM node:20-bookworm-slim
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
