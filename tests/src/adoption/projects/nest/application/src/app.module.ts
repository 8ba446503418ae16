import { Module } from '@nestjs/common';
// register
import { ServiceDiscoveryModule } from '@rollcall/nest-discovery';
// end
import { AppController } from './app.controller.js';

@Module({
  imports: [
    // register
    ServiceDiscoveryModule.forRoot({ url: process.argv[2]! }),
    ServiceDiscoveryModule.register({ service: 'greeter' }),
    // end
  ],
  controllers: [AppController],
})
export class AppModule {}
