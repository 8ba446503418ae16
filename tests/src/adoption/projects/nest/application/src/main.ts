import { resolve } from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
// register
import { GracefulGrpcServer } from '@rollcall/nest-discovery/grpc-server';
// end
import { AppModule } from './app.module.js';

const protoPath = resolve(process.argv[1]!, '../../greeter.proto');

async function bootstrap() {
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(AppModule, {
    // register
    strategy: new GracefulGrpcServer({ package: 'greeter.v1', protoPath, url: '127.0.0.1:0' }),
    // end
  });
  app.enableShutdownHooks();
  await app.listen();
}
void bootstrap();
