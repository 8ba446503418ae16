import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { it, onTestFinished } from 'vitest';
import { expectNoCallFails } from './greeter-failover.js';

const program = fileURLToPath(new URL('../../../examples/plain-grpc/dist/greeter.js', import.meta.url));

it('plain grpc-js: one server is killed, another one stopped, a third one started: no call of the client fails', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'rollcall-example-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const url = `file://${directory}`;
  await expectNoCallFails({ server: [program, 'serve', url], client: [program, 'call', url] }, 200);
});
