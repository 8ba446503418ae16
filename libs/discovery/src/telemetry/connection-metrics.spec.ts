import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { deadInstance, EchoEnvironment } from '../grpc/fixtures/echo-environment.js';
import { type EchoService, reachAll, startEcho } from './fixtures/echo-servers.js';
import { TelemetryRecorder } from './fixtures/telemetry-recorder.js';

vi.setConfig({ testTimeout: 30_000 });
const waiting = { timeout: 20_000, interval: 10 };
const target = { 'grpc.target': 'scripted:///echo' };
const subchannel = (name: string) => `grpc.subchannel.${name}`;

let recorder: TelemetryRecorder;
let environment: EchoEnvironment;
const cleanups: (() => unknown)[] = [];
beforeEach(() => {
  recorder = new TelemetryRecorder();
  environment = new EchoEnvironment();
  cleanups.push(
    () => recorder.close(),
    () => environment.close(),
  );
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

it('counts connections that are made, open, lost and refused', async () => {
  recorder.start();
  const servers = await environment.servers('a', 'b');
  environment.publish(...servers.map(({ instance }) => instance));
  await environment.channel().untilCallsReach('a', 'b');
  expect(await recorder.value(subchannel('connection_attempts_succeeded'), target)).toBe(2);
  expect(await recorder.value(subchannel('open_connections'), target)).toBe(2);
  expect(await recorder.value(subchannel('connection_attempts_failed'))).toBe(0);
  servers[0].kill();
  await vi.waitFor(async () => {
    expect(await recorder.value(subchannel('disconnections'), target)).toBe(1);
    expect(await recorder.value(subchannel('open_connections'), target)).toBe(1);
    expect(await recorder.value(subchannel('connection_attempts_failed'), target)).toBeGreaterThan(0);
  }, waiting);
  const dead = await deadInstance('dead');
  environment.publish(servers[1].instance, dead);
  expect(await recorder.value(subchannel('open_connections'), target)).toBe(1);
});

it('counts a connection that two channels share once, until both have given it up', async () => {
  recorder.start();
  const [a] = await environment.servers('a');
  environment.publish(a.instance);
  const channels = [environment.channel(), environment.channel()];
  for (const channel of channels) await channel.untilCallsReach('a');
  expect(a.connections.size).toBe(1);
  expect(await recorder.value(subchannel('connection_attempts_succeeded'))).toBe(1);
  channels[0]!.client.close();
  expect(await recorder.value(subchannel('open_connections'))).toBe(1);
  channels[1]!.client.close();
  expect(await recorder.value(subchannel('open_connections'))).toBe(0);
  expect(await recorder.value(subchannel('disconnections'))).toBe(1);
});

it('does not count the end of a connection that was made before', async () => {
  const [a] = await environment.servers('a');
  environment.publish(a.instance);
  await environment.channel().untilCallsReach('a');
  recorder.start();
  a.kill();
  await vi.waitFor(
    async () => expect(await recorder.value(subchannel('connection_attempts_failed'))).toBeGreaterThan(0),
    waiting,
  );
  expect(await recorder.value(subchannel('open_connections'))).toBe(0);
  expect(await recorder.value(subchannel('disconnections'))).toBe(0);
});

it('counts an instance that outlier detection has ejected', async () => {
  recorder.start({ instanceLabel: { max: 10 } });
  const servers = await environment.servers('a', 'b', 'c');
  environment.publish(...servers.map(({ instance }) => instance));
  const endless = { baseEjectionMs: 600_000, maxEjectionMs: 600_000 };
  const channel = environment.channel({
    outlierDetection: { intervalMs: 100, requestVolume: 3, ...endless },
  });
  await channel.untilCallsReach('a', 'b', 'c');
  servers[0].behavior = 'fail';
  await channel.untilCallsReach('b', 'c');
  const points = await recorder.points('grpc.lb.outlier_detection.ejections_enforced');
  expect(points.map(({ attributes, value }) => [attributes, value])).toEqual([
    [
      {
        ...target,
        'discovery.instance': 'a',
        'grpc.lb.outlier_detection.detection_method': 'failure_percentage',
      },
      1,
    ],
  ]);
});

it('counts a frozen instance as suspected until it answers again', async () => {
  const service: EchoService<['a', 'b']> = await startEcho(['a', 'b']);
  cleanups.push(() => service.close());
  const { echo, servers } = service;
  await reachAll(echo, servers);
  for (let i = 0; i < 20; i++) await echo.get({ text: '' });
  recorder.start();
  // It still answers pings, so that only its calls show it.
  servers[0].behavior = 'hang';
  await vi.waitFor(async () => {
    await echo.get({ text: '' });
    expect(await recorder.value('discovery.suspected', { 'discovery.service': 'static' })).toBe(1);
  }, waiting);
  expect(await recorder.value('discovery.suspicions')).toBe(1);
  servers[0].behavior = 'respond';
  await vi.waitFor(async () => {
    await echo.get({ text: '' });
    expect(await recorder.value('discovery.suspected')).toBe(0);
  }, waiting);
});
