import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { EchoTrial } from '../balancing/echo-channel.spec.fixture.js';

vi.setConfig({ testTimeout: 30_000 });

let trial: EchoTrial;
beforeEach(() => {
  trial = new EchoTrial();
});
afterEach(() => trial.end());

it.each(['scripted:///echo', 'scripted:///echo?zone=a'])(
  'calls of %s go out under the bare name of the service as authority',
  async (target) => {
    const [a] = await trial.servers('a');
    trial.tell(a.instance);
    const channel = trial.channel({}, { target });
    await channel.untilAnsweredBy('a');
    expect(new Set(a.authorities)).toEqual(new Set(['echo']));
  },
);

it('a bad target throws when the channel is made, also where the authority is given', () => {
  for (const target of ['scripted:///Echo', 'scripted:///echo?tags=v2', 'scripted://nowhere/echo']) {
    const overrides = { 'grpc.default_authority': 'given' };
    expect(() => trial.channel({}, { target, overrides })).toThrow(/^INVALID_TARGET: /);
  }
});
