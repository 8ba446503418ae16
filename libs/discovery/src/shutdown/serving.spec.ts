import { afterEach, describe, expect, it, vi } from 'vitest';
import { type DrainableServer, shutDownServer } from './serving.js';

const listeners = () => process.listenerCount('SIGTERM');
const before = listeners();
afterEach(() => {
  if (listeners() !== before) throw new Error('a handler of a signal is left');
});

function recorded(events: string[]): DrainableServer {
  return {
    startDraining: () => void events.push('not serving'),
    async drain() {
      events.push('drained');
      return 'drained';
    },
  };
}

const registration = (name: string, events: string[]) => ({
  async deregister() {
    await Promise.resolve();
    events.push(`deregistered ${name}`);
  },
});

describe('a server that is shut down', () => {
  it('deregisters everything that it is registered as before it drains', async () => {
    const events: string[] = [];
    const onDraining = vi.fn<(reason: string) => void>();
    const registrations = [registration('a', events), registration('b', events)];
    const shutdown = shutDownServer(recorded(events), registrations, { signals: false, onDraining });
    expect(await shutdown.close('test')).toBe('drained');
    expect(events).toEqual(['not serving', 'deregistered a', 'deregistered b', 'drained']);
    expect(onDraining).toHaveBeenCalledExactlyOnceWith('test');
  });

  it('may be registered nowhere', async () => {
    const events: string[] = [];
    await shutDownServer(recorded(events), [], { signals: false }).close();
    expect(events).toEqual(['not serving', 'drained']);
  });

  it('an error of onDraining changes nothing', async () => {
    const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const events: string[] = [];
    const onDraining = () => {
      throw new Error('no log');
    };
    await shutDownServer(recorded(events), [], { signals: false, onDraining }).close();
    expect(events).toEqual(['not serving', 'drained']);
    expect(warnings).toHaveBeenCalledOnce();
    warnings.mockRestore();
  });
});

describe('signals', () => {
  it('are handled until all servers of the process are closed', async () => {
    const [one, other] = [shutDownServer(recorded([]), [], {}), shutDownServer(recorded([]), [], {})];
    expect(listeners()).toBe(before + 1);
    await one.close();
    expect(listeners()).toBe(before + 1);
    await other.close();
    expect(listeners()).toBe(before);
  });

  it('are handled once, also by several copies of the library', async () => {
    const one = shutDownServer(recorded([]), [], {});
    vi.resetModules();
    const copy = await import('./serving.js');
    expect(copy.shutDownServer).not.toBe(shutDownServer);
    const other = copy.shutDownServer(recorded([]), [], {});
    expect(listeners()).toBe(before + 1);
    await Promise.all([one.close(), other.close()]);
  });

  it('are those of the option', async () => {
    const hangups = process.listenerCount('SIGHUP');
    const shutdown = shutDownServer(recorded([]), [], { signals: ['SIGHUP'] });
    expect([listeners(), process.listenerCount('SIGHUP')]).toEqual([before, hangups + 1]);
    await shutdown.close();
    expect(process.listenerCount('SIGHUP')).toBe(hangups);
  });
});
