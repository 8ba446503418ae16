import { Controller, Get, HttpStatus, type OnApplicationShutdown, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { inventoryContract, productContract, reviewContract } from '@rollcall/contracts';
import { InjectRegistry, type Registry, type Watch } from '@rollcall/nest-discovery';
import type { FastifyReply } from 'fastify';

interface Readiness {
  readonly ready: boolean;
  /** How many instances of each service are known, and why none is. */
  readonly dependencies: Readonly<Record<string, { readonly instances: number; readonly reason?: string }>>;
}

@ApiTags('health')
@Controller()
export class HealthController implements OnApplicationShutdown {
  readonly #watches: readonly Watch[];

  constructor(@InjectRegistry() registry: Registry) {
    this.#watches = [productContract, inventoryContract, reviewContract].map(({ service }) =>
      registry.watch(service),
    );
  }

  @Get('healthz')
  @ApiOperation({ summary: 'Whether the process is alive' })
  health(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('readyz')
  @ApiOperation({ summary: 'Whether every service has an instance; 503 says which has none' })
  readiness(@Res({ passthrough: true }) reply: FastifyReply): Readiness {
    const dependencies = Object.fromEntries(this.#watches.map((watch) => [watch.service, dependency(watch)]));
    const ready = Object.values(dependencies).every(({ instances }) => instances > 0);
    if (!ready) void reply.status(HttpStatus.SERVICE_UNAVAILABLE).header('retry-after', '1');
    return { ready, dependencies };
  }

  onApplicationShutdown(): void {
    for (const watch of this.#watches) watch.close();
  }
}

function dependency({ current }: Watch): Readiness['dependencies'][string] {
  const instances = current.instances.length;
  if (instances > 0) return { instances };
  return { instances, reason: current.lastError?.message ?? 'no instance is registered' };
}
