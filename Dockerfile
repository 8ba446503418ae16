# One image for all apps and one example; the command selects the program: `docker run IMAGE apps/inventory/dist/main.js`.
ARG NODE_IMAGE=node:24-bookworm-slim

# Only the manifests: a change of the sources does not invalidate the layers of `npm ci`.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /app
COPY . .
RUN find . -type f ! -name package.json ! -name package-lock.json ! -name .npmrc -delete \
 && find . -type d -empty -delete

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY --from=manifests /app ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
# The image ships what runs: no sources, tests or fixtures.
RUN node_modules/.bin/tsc -b apps/* examples/http-gateway \
 && rm -rf apps/*/src libs/*/src libs/*/dist/testing \
 && find apps libs \( -name fixtures -o -name '*.spec.*' \) -prune -exec rm -rf {} +

FROM ${NODE_IMAGE} AS production
WORKDIR /app
COPY --from=manifests /app ./
# typescript is installed as an optional peer of @nestjs/swagger, which needs it at build time only. What the example needs is
# there, too: undici, for @rollcall/discovery.
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --workspace=apps \
 && rm -rf node_modules/typescript node_modules/@typescript

FROM ${NODE_IMAGE}
ENV NODE_ENV=production
WORKDIR /app
COPY --from=production /app ./
COPY --from=build /app/proto ./proto
COPY --from=build /app/libs ./libs
COPY --from=build /app/apps ./apps
COPY --from=build /app/examples/http-gateway/dist ./examples/http-gateway/dist
COPY tools/healthcheck.mjs ./tools/
USER node
# Exec form: npm or a shell would not forward SIGTERM. early-signals.js handles it while the app still loads, also where
# node is process 1.
ENTRYPOINT ["node", "--import", "/app/libs/service-kit/dist/lifecycle/early-signals.js"]
CMD ["apps/aggregator/dist/main.js"]
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s CMD ["node", "tools/healthcheck.mjs"]
