import { Client, credentials } from '@grpc/grpc-js';
import { registrySchemes } from '@rollcall/discovery';
import { expect, it } from 'vitest';
import { ServiceDiscoveryModule } from './service-discovery.module.js';

it.each([...registrySchemes, 'memory'])(
  '%s: targets are valid as soon as a module with a factory is defined',
  (scheme) => {
    ServiceDiscoveryModule.forRootAsync({ useFactory: () => ({ url: 'file:///nowhere' }) });
    const client = new Client(`${scheme}:///echo`, credentials.createInsecure());
    expect(client.getChannel().getTarget()).toBe(`${scheme}:///echo`);
    client.close();
  },
);
