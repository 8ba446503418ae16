import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Registry } from '@rollcall/discovery';
import { MemoryRegistry } from '@rollcall/discovery/testing';
import { getGrpcClientToken, type GrpcClient, InjectGrpcClient } from '@rollcall/nest-discovery';
import { ServiceDiscoveryModule } from '@rollcall/nest-discovery';
import { expect, it } from 'vitest';
import { greeter, type GreeterClient } from './greeter.js';

@Injectable()
class Welcome {
  @InjectGrpcClient(greeter) private readonly client!: GrpcClient<GreeterClient>;
  textFor = async (name: string) => (await this.client.greet({ name })).text;
}

@Module({ imports: [ServiceDiscoveryModule.forClients([greeter])], providers: [Welcome] })
class WelcomeModule {}

const createModule = (registry: Registry) =>
  Test.createTestingModule({ imports: [ServiceDiscoveryModule.forRoot({ registry }), WelcomeModule] });

it('a client is replaced by a fake', async () => {
  const module = await createModule(new Registry(new MemoryRegistry().open()))
    .overrideProvider(getGrpcClientToken(greeter))
    .useValue({ greet: async () => ({ text: 'Hello, I am a fake.' }), close: () => {} })
    .compile();
  expect(await module.get(Welcome, { strict: false }).textFor('you')).toBe('Hello, I am a fake.');
  await module.close();
});

it('a call fails if no instance is registered', async () => {
  const module = await createModule(new Registry(new MemoryRegistry().open())).compile();
  await expect(module.get(Welcome, { strict: false }).textFor('you')).rejects.toThrow(
    'has no instance of greeter',
  );
  await module.close();
});
