import {
  type MeterProvider,
  metrics,
  propagation,
  type TextMapPropagator,
  trace,
  type TracerProvider,
} from '@opentelemetry/api';
import { assertInteger, invalidOption } from '../model/invalid-option.js';
import { recordCalls } from './call-metrics.js';
import { traceCalls } from './call-spans.js';
import { recordConnections } from './connection-metrics.js';
import { recordHttpRequests } from './http-metrics.js';
import { Labels } from './labels.js';
import { recordRegistries } from './registry-metrics.js';
import { startOnce } from './start-once.js';

export interface TelemetryOptions {
  /** Where metrics go. Default: the global one, which must be set before. `false`: no metrics. */
  readonly meterProvider?: MeterProvider | false;
  /** Where spans go. Default: the global one. `false`: no spans, and no trace context is passed on. */
  readonly tracerProvider?: TracerProvider | false;
  /** Writes the trace context into requests. Default: the global one, which is W3C Trace Context unless it was set otherwise. */
  readonly propagator?: TextMapPropagator;
  /**
   * Adds the id of the instance, `discovery.instance`, to metrics of attempts and connections: for the first `max` ids, all
   * others count as `other`. Default none: each restart of an instance may make new time series.
   */
  readonly instanceLabel?: { readonly max: number };
  /** Whether metrics name a target; otherwise it counts as `other` (gRFC A66). Default: all. Set it where targets are addresses. */
  readonly targetAttributeFilter?: (target: string) => boolean;
}

/** The instrumentation scope. */
const scope = '@rollcall/discovery';

/**
 * Turns what all registries, gRPC and HTTP clients of this process do into OpenTelemetry metrics and spans, until the returned
 * function is called. Call it when the OpenTelemetry SDK has started, and before the first registry is opened: what happened
 * before is not counted. Further calls with the same provider change nothing, also from other copies of this library.
 * @example
 * import { startTelemetry } from '@rollcall/discovery/telemetry';
 * const stop = startTelemetry();
 * @throws {DiscoveryError} INVALID_OPTION.
 */
export function startTelemetry({
  meterProvider = metrics.getMeterProvider(),
  tracerProvider = trace.getTracerProvider(),
  propagator,
  instanceLabel,
  targetAttributeFilter = () => true,
}: TelemetryOptions = {}): () => void {
  if (instanceLabel) assertInteger('instanceLabel.max', instanceLabel.max, 1, 10_000);
  assertProvider('meterProvider', meterProvider, 'getMeter');
  assertProvider('tracerProvider', tracerProvider, 'getTracer');
  const stops: (() => void)[] = [];
  if (meterProvider) {
    const start = () => {
      const meter = meterProvider.getMeter(scope);
      const labels = new Labels(instanceLabel?.max ?? 0, targetAttributeFilter);
      return all([
        recordCalls(meter, labels),
        recordHttpRequests(meter, labels),
        recordConnections(meter, labels),
        recordRegistries(meter),
      ]);
    };
    stops.push(startOnce('metrics', meterProvider, start));
  }
  if (tracerProvider) {
    const start = () => traceCalls(tracerProvider.getTracer(scope), propagator ?? propagation);
    stops.push(startOnce('spans', tracerProvider, start));
  }
  return all(stops);
}

function all(stops: readonly (() => void)[]): () => void {
  return () => stops.forEach((stop) => stop());
}

function assertProvider(name: string, provider: object | false, method: string): void {
  if (provider === false || typeof (provider as Record<string, unknown> | null)?.[method] === 'function')
    return;
  throw invalidOption(name, provider, `use one of an OpenTelemetry SDK, with ${method}(), or false for none`);
}
