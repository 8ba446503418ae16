import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
// call
import { type GrpcClient, InjectGrpcClient, ServiceDiscoveryModule } from '@rollcall/nest-discovery';
// end
import { Greeter, type GreeterClient } from './greeter.js';

declare const runCallers: (call: () => Promise<string>) => Promise<void>;

@Injectable()
class Caller {
  // call
  @InjectGrpcClient(Greeter) readonly greeter!: GrpcClient<GreeterClient>;
  // end
}

@Module({
  imports: [
    // call
    ServiceDiscoveryModule.forRoot({ url: process.argv[2]! }),
    ServiceDiscoveryModule.forClients([Greeter]),
    // end
  ],
  providers: [Caller],
})
class ClientModule {}

async function bootstrap() {
  const app = await NestFactory.createApplicationContext(ClientModule);
  const { greeter } = app.get(Caller);
  await runCallers(async () => (await greeter.greet({ name: 'you' })).instance);
}
void bootstrap();
