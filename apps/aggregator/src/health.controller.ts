import { type Client, connectivityState } from '@grpc/grpc-js';
import { Controller, Get, Header, HttpStatus, type OnApplicationShutdown, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import {
  inventoryContract,
  type InventoryServiceClient,
  productContract,
  type ProductServiceClient,
  reviewContract,
  type ReviewServiceClient,
} from '@rollcall/contracts';
import type { ErrorCode, MembershipSource } from '@rollcall/discovery';
import {
  type GrpcClient,
  InjectGrpcClient,
  InjectRegistry,
  type Registry,
  type Watch,
} from '@rollcall/nest-discovery';
import { GracefulShutdown } from '@rollcall/service-kit';
import type { FastifyReply } from 'fastify';
import { healthSchema, readinessSchema } from './schemas.js';

interface Dependency {
  /** Without it, the aggregator is not ready. Without any other dependency, pages are degraded. */
  readonly required: boolean;
  /** Whether an instance is connected. */
  readonly connected: boolean;
  /** How many instances are known; some may have died. */
  readonly registered: number;
  /** Where they are known from: `live` from the registry, `last-known-good` or a `snapshot` while it is unavailable. */
  readonly source: MembershipSource;
  /** How long ago the source last changed; for a snapshot, when it was taken. */
  readonly ageMs: number;
  /** Why the registry is unavailable: the code of the error. Its message, with addresses, is logged. */
  readonly reason?: ErrorCode;
}

interface ReadinessResponse {
  readonly ready: boolean;
  readonly draining?: true;
  readonly dependencies: Readonly<Record<string, Dependency>>;
}

interface Upstream {
  readonly watch: Watch;
  readonly client: Pick<GrpcClient<Client>, 'getConnectivityState'>;
}

@ApiTags('health')
@Controller()
export class HealthController implements OnApplicationShutdown {
  readonly #upstreams: readonly Upstream[];

  constructor(
    @InjectRegistry() registry: Registry,
    private readonly shutdown: GracefulShutdown,
    @InjectGrpcClient(productContract) products: GrpcClient<ProductServiceClient>,
    @InjectGrpcClient(inventoryContract) inventories: GrpcClient<InventoryServiceClient>,
    @InjectGrpcClient(reviewContract) reviews: GrpcClient<ReviewServiceClient>,
  ) {
    this.#upstreams = [
      { watch: registry.watch(productContract.service), client: products },
      { watch: registry.watch(inventoryContract.service), client: inventories },
      { watch: registry.watch(reviewContract.service), client: reviews },
    ];
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
  @ApiOperation({
    summary: 'Whether the aggregator accepts requests and is connected to what no page can do without',
  })
  @ApiOkResponse({
    description: 'An instance of every required service is connected.',
    schema: readinessSchema,
  })
  @ApiServiceUnavailableResponse({
    description: 'No instance of a required service is connected, or the aggregator is shutting down.',
    schema: readinessSchema,
  })
  readiness(@Res({ passthrough: true }) reply: FastifyReply): ReadinessResponse {
    const dependencies = Object.fromEntries(
      this.#upstreams.map((upstream) => [upstream.watch.service, dependency(upstream)]),
    );
    const draining = this.shutdown.started;
    const ready =
      !draining && Object.values(dependencies).every(({ required, connected }) => connected || !required);
    if (!ready) void reply.status(HttpStatus.SERVICE_UNAVAILABLE).header('retry-after', '1');
    return { ready, ...(draining && { draining }), dependencies };
  }

  onApplicationShutdown(): void {
    for (const { watch } of this.#upstreams) watch.close();
  }
}

function dependency({ watch, client }: Upstream): Dependency {
  const { instances, source, since, lastError } = watch.current;
  return {
    required: watch.service === productContract.service,
    // A registered instance may be dead: only a connection proves that it runs.
    connected: client.getConnectivityState(true) === connectivityState.READY,
    registered: instances.length,
    source,
    ageMs: Date.now() - since.getTime(),
    ...(lastError && { reason: lastError.code }),
  };
}
