import { Controller } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';

@Controller()
export class AppController {
  @GrpcMethod('Greeter', 'Greet')
  greet({ name }: { name: string }) {
    return { text: `Hello ${name}`, instance: `greeter-${process.pid}` };
  }
}
