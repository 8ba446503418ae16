import { Controller, Get, Header, HttpStatus, type OnApplicationShutdown, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { inventoryContract, productContract, reviewContract } from '@rollcall/contracts';
import { InjectRegistry, type Registry, type Watch } from '@rollcall/nest-discovery';
import { GracefulShutdown } from '@rollcall/service-kit';
import type { FastifyReply } from 'fastify';
import { healthSchema, readinessSchema } from './schemas.js';

interface ReadinessResponse {
  readonly ready: boolean;
  readonly draining?: true;
  /** The known instances of each service, or the reason why none is known. */
  readonly dependencies: Readonly<Record<string, { readonly instances: number; readonly reason?: string }>>;
}

@ApiTags('health')
@Controller()
export class HealthController implements OnApplicationShutdown {
  readonly #watches: readonly Watch[];

  constructor(
    @InjectRegistry() registry: Registry,
    private readonly shutdown: GracefulShutdown,
  ) {
    this.#watches = [productContract, inventoryContract, reviewContract].map(({ service }) =>
      registry.watch(service),
    );
  }

  @Get('healthz')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Whether the process is alive' })
  @ApiOkResponse({ schema: healthSchema })
  health(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('readyz')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Whether the aggregator accepts requests and knows an instance of every service' })
  @ApiOkResponse({ description: 'Every service has an instance.', schema: readinessSchema })
  @ApiServiceUnavailableResponse({
    description: 'A service has no instance (with the reason), or the aggregator is shutting down.',
    schema: readinessSchema,
  })
  readiness(@Res({ passthrough: true }) reply: FastifyReply): ReadinessResponse {
    const dependencies = Object.fromEntries(this.#watches.map((watch) => [watch.service, dependency(watch)]));
    const draining = this.shutdown.started;
    const ready = !draining && Object.values(dependencies).every(({ instances }) => instances > 0);
    if (!ready) void reply.status(HttpStatus.SERVICE_UNAVAILABLE).header('retry-after', '1');
    return { ready, ...(draining && { draining }), dependencies };
  }

  onApplicationShutdown(): void {
    for (const watch of this.#watches) watch.close();
  }
}

function dependency({ current }: Watch): ReadinessResponse['dependencies'][string] {
  const instances = current.instances.length;
  if (instances > 0) return { instances };
  return { instances, reason: current.lastError?.message ?? 'no instance is registered' };
}
