import type { Meter } from '@opentelemetry/api';
import { onEvent } from '../events/on-event.js';
import type { Labels } from './labels.js';

/** Of gRFC A66, in s. */
const latencyBuckets = [
  0, 0.00001, 0.00005, 0.0001, 0.0003, 0.0006, 0.0008, 0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.008, 0.01,
  0.013, 0.016, 0.02, 0.025, 0.03, 0.04, 0.05, 0.065, 0.08, 0.1, 0.13, 0.16, 0.2, 0.25, 0.3, 0.4, 0.5, 0.65,
  0.8, 1, 2, 5, 10, 20, 50, 100,
];

/** Metrics of gRPC calls and their attempts: gRFC A66, and A96 for retries and hedges. */
export function recordCalls(meter: Meter, labels: Labels): () => void {
  const latency = { unit: 's', advice: { explicitBucketBoundaries: latencyBuckets } };
  const started = meter.createCounter('grpc.client.attempt.started', {
    unit: '{attempt}',
    description: 'Attempts of calls that were started',
  });
  const attemptDuration = meter.createHistogram('grpc.client.attempt.duration', {
    ...latency,
    description: 'Time of an attempt, with the time until an instance is picked',
  });
  const callDuration = meter.createHistogram('grpc.client.call.duration', {
    ...latency,
    description: 'Time of a call, with all its attempts',
  });
  const few = { explicitBucketBoundaries: [1, 2, 3, 4, 5] };
  const retries = meter.createHistogram('grpc.client.call.retries', {
    unit: '{retry}',
    description: 'Retries of a call that had any',
    advice: few,
  });
  const hedges = meter.createHistogram('grpc.client.call.hedges', {
    unit: '{hedge}',
    description: 'Attempts that were sent beside a slow one, of a call that had any',
    advice: few,
  });
  const budgetSpent = meter.createCounter('discovery.retry_budget.exhausted', {
    unit: '{call}',
    description: 'Calls that failed without another retry because the retry budget was spent',
  });
  const stops = [
    onEvent('attempt-start', ({ call, isHedge }) => {
      // Whether a hedge is sent is known later.
      if (call.protocol === 'grpc' && !isHedge) started.add(1, labels.ofCall(call).attributes);
    }),
    onEvent('attempt', ({ call, isHedge, instance, code, waitedMs, durationMs }) => {
      if (call?.protocol !== 'grpc') return;
      const ofCall = labels.ofCall(call);
      if (isHedge) started.add(1, ofCall.attributes);
      const attributes = labels.withInstance(ofCall.withStatus(code), instance);
      attemptDuration.record((waitedMs + durationMs) / 1_000, attributes);
    }),
    onEvent('call', (event) => {
      const { call, code, durationMs } = event;
      if (call.protocol !== 'grpc') return;
      const ofCall = labels.ofCall(call);
      callDuration.record(durationMs / 1_000, ofCall.withStatus(code));
      if (event.retries > 0) retries.record(event.retries, ofCall.attributes);
      if (event.hedges > 0) hedges.record(event.hedges, ofCall.attributes);
      if (event.isBudgetSpent) budgetSpent.add(1, ofCall.attributes);
    }),
  ];
  return () => stops.forEach((stop) => stop());
}
