import { runHttpService } from '@rollcall/service-kit/http';
import { AggregatorModule } from './aggregator.module.js';
import { createHttpAdapter } from './http-adapter.js';
import { serveOpenApi } from './openapi.js';
import { propagateDeadlines } from './request-deadlines.js';
import { serveStaticFiles } from './static-files.js';

await runHttpService({
  service: 'aggregator',
  module: AggregatorModule,
  defaultPort: 8080,
  adapter: createHttpAdapter(),
  configure: async (app) => {
    propagateDeadlines(app);
    await serveStaticFiles(app);
    serveOpenApi(app);
  },
});
