import { registryForTests } from '@rollcall/tools';
import { describeBothWays } from './both-ways.js';

describeBothWays({
  name: 'go-zero',
  // On loopback, as the servers are.
  location: await registryForTests('etcd', { prefer: ['binary', 'image'] }),
  format: 'go-zero',
  records: [{ source: 'github.com/zeromicro/go-zero v1.10.3, core/discov' }],
  long: true,
});
