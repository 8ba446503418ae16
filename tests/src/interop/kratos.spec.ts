import { registryForTests } from '@rollcall/tools';
import { describeBothWays } from './both-ways.js';

// The registries run on loopback, as the servers do: Consul checks these by TCP.
const prefer = ['binary', 'image'] as const;
const contrib = 'github.com/go-kratos/kratos/contrib/registry';

describeBothWays({
  name: 'kratos',
  location: await registryForTests('etcd', { prefer }),
  format: 'kratos',
  records: [{ source: `${contrib}/etcd/v2 v2.0.0-20250127095200-20970020a5ef` }],
  long: true,
});

describeBothWays({
  name: 'kratos',
  location: await registryForTests('consul', { prefer }),
  format: 'kratos',
  records: [{ source: `${contrib}/consul/v2 v2.0.0-20250527152916-d6f5f00cf562` }],
  long: true,
});
