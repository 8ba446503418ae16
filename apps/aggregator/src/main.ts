import { runHttpService } from '@rollcall/service-kit/http';
import { AggregatorModule } from './aggregator.module.js';
import { serveDocs } from './docs.js';
import { httpAdapter } from './http-adapter.js';
import { servePage } from './page.js';

await runHttpService({
  service: 'aggregator',
  module: AggregatorModule,
  defaultPort: 8080,
  adapter: httpAdapter(),
  configure: async (app) => {
    await servePage(app);
    serveDocs(app);
  },
});
