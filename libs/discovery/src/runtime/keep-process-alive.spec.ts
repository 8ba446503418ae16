import { execFile } from 'node:child_process';
import { expect, it } from 'vitest';

const dist = new URL('../../dist/', import.meta.url);

/** What a process whose main program is `main` prints, and its exit code. */
function run(main: string): Promise<{ code: unknown; stdout: string }> {
  const program = `
    import { Registry } from ${JSON.stringify(`${dist.href}index.js`)};
    import { MemoryRegistry } from ${JSON.stringify(`${dist.href}testing/index.js`)};
    const memory = new MemoryRegistry();
    const registry = new Registry(memory.open());
    const register = () => registry.register({ id: 'a', service: 'goods', host: '127.0.0.1', port: 1 });
    const begin = () => memory.outage(true);
    const endLater = () => setTimeout(() => memory.outage(false), 300).unref();
    ${main}
    console.log('done');
  `;
  return new Promise((resolve) => {
    execFile(process.execPath, ['--input-type=module', '-e', program], { timeout: 20_000 }, (error, stdout) =>
      resolve({ code: error?.code ?? 0, stdout }),
    );
  });
}

// Node exits with code 13 when nothing but an unsettled top-level await is left.
it.each([
  ['watch.ready()', `begin(); endLater(); await registry.watch('goods').ready();`],
  [
    'watch.ready(signal)',
    `begin(); await registry.watch('goods').ready(AbortSignal.timeout(300)).catch(() => {});`,
  ],
  ['registration.registered()', `begin(); const it = register(); endLater(); await it.registered();`],
  ['registration.pause()', `const it = register(); await it.registered(); await it.pause();`],
  [
    'registration.resume()',
    `const it = register(); await it.registered(); await it.pause(); begin(); endLater(); await it.resume();`,
  ],
  [
    'registration.update()',
    `const it = register(); await it.registered(); begin(); endLater(); await it.update({ weight: 2 });`,
  ],
  ['registration.close()', `const it = register(); await it.registered(); await it.close();`],
])(
  'a process that awaits %s lives until it settles, and no longer',
  async (_, main) => {
    expect(await run(main)).toEqual({ code: 0, stdout: 'done\n' });
  },
  30_000,
);
