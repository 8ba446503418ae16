import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Registry } from '@rollcall/discovery';
import { MemoryRegistry } from '@rollcall/discovery/testing';
import { InjectRegistry, ServiceDiscoveryModule } from '@rollcall/nest-discovery';

@Injectable()
class Greeters {
  constructor(@InjectRegistry() private readonly registry: Registry) {}

  async addresses(): Promise<string[]> {
    const { instances } = await this.registry.watch('greeter').ready(AbortSignal.timeout(5_000));
    return instances.map(({ host, port }) => `${host}:${port}`);
  }
}

describe('Greeters', () => {
  it('lists the instances of an in-memory registry', async () => {
    const registry = new Registry(new MemoryRegistry().open());
    await registry.register({ id: 'a', service: 'greeter', host: '127.0.0.1', port: 1 }).registered();
    const module = await Test.createTestingModule({
      imports: [ServiceDiscoveryModule.forRoot({ registry })],
      providers: [Greeters],
    }).compile();
    expect(await module.get(Greeters).addresses()).toEqual(['127.0.0.1:1']);
    await module.close();
    await registry.close();
  });
});
