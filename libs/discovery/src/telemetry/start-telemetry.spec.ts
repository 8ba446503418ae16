import { channel } from 'node:diagnostics_channel';
import { metrics, trace } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { eventTypes } from '../events/discovery-events.js';
import { startEcho } from './fixtures/echo-servers.js';
import { TelemetryRecorder } from './fixtures/telemetry-recorder.js';
import { startTelemetry, type TelemetryOptions } from './start-telemetry.js';

let recorder: TelemetryRecorder;
const cleanups: (() => unknown)[] = [];
beforeEach(() => {
  recorder = new TelemetryRecorder();
  cleanups.push(() => recorder.close());
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function call(): Promise<void> {
  const { echo, close } = await startEcho(['a']);
  await echo.get({ text: '' });
  close();
}

const listened = () => eventTypes.filter((type) => channel(`rollcall:${type}`).hasSubscribers);

it('uses the global providers unless it is given others', async () => {
  metrics.setGlobalMeterProvider(recorder.meterProvider);
  trace.setGlobalTracerProvider(recorder.tracerProvider);
  cleanups.push(
    () => metrics.disable(),
    () => trace.disable(),
    startTelemetry(),
  );
  await call();
  expect(await recorder.value('grpc.client.call.duration')).toBe(1);
  expect(recorder.spans.length).toBe(2);
});

it('what is started twice counts once, until both are stopped', async () => {
  const [first, second] = [recorder.start(), recorder.start()];
  await call();
  first();
  first();
  await call();
  expect(await recorder.value('grpc.client.call.duration')).toBe(2);
  expect(recorder.spansOf('Sent.').length).toBe(2);
  second();
  await call();
  expect(await recorder.value('grpc.client.call.duration')).toBe(2);
  expect(listened()).toEqual([]);
});

it('another copy of the library counts nothing a second time', async () => {
  recorder.start();
  vi.resetModules();
  const copy = await import('./start-telemetry.js');
  expect(copy.startTelemetry).not.toBe(startTelemetry);
  const { meterProvider, tracerProvider } = recorder;
  cleanups.push(copy.startTelemetry({ meterProvider, tracerProvider }));
  await call();
  expect(await recorder.value('grpc.client.attempt.started')).toBe(1);
  expect(recorder.spansOf('Sent.').length).toBe(1);
});

it('two providers get the same metrics', async () => {
  const other = new TelemetryRecorder();
  cleanups.push(() => other.close());
  recorder.start({ tracerProvider: false });
  other.start({ tracerProvider: false });
  await call();
  for (const each of [recorder, other]) expect(await each.value('grpc.client.call.duration')).toBe(1);
});

it('without spans or without metrics nothing listens to what they need', () => {
  const stop = recorder.start({ tracerProvider: false });
  expect(listened()).not.toContain('call-start');
  stop();
  recorder.start({ meterProvider: false });
  expect(listened().toSorted()).toEqual(['attempt', 'attempt-start', 'call', 'call-start']);
});

it.each<[string, TelemetryOptions]>([
  ['instanceLabel.max', { instanceLabel: { max: 0 } }],
  ['meterProvider', { meterProvider: {} as never }],
  ['tracerProvider', { tracerProvider: null as never }],
])('rejects an invalid %s', (name, options) => {
  expect(() => startTelemetry(options)).toThrow(`INVALID_OPTION: invalid ${name}`);
  expect(listened()).toEqual([]);
});
