import { runHttpService } from '@rollcall/service-kit/http';
import { AggregatorModule } from './aggregator.module.js';
import { serveDocs } from './docs.js';

await runHttpService({
  service: 'aggregator',
  module: AggregatorModule,
  defaultPort: 8080,
  configure: serveDocs,
});
