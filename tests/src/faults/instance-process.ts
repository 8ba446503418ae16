/**
 * An instance as a process of its own: `node instance-process.js <registry URL> <service> <id> <port> [<ms to block>]`.
 * Says each state of its registration on a line. SIGUSR2 blocks its event loop for `ms to block`.
 */
import { openRegistry } from '@rollcall/discovery';

const [url, service = '', id = '', port, blockMs = '0'] = process.argv.slice(2);

const registry = await openRegistry(url);
const registration = registry.register({ service, id, host: '127.0.0.1', port: Number(port) });
registration.on('change', ({ status }) => process.stdout.write(`${status}\n`));
const staysAlive = setInterval(() => {}, 60_000);
process.on('SIGUSR2', () => {
  process.stdout.write('blocked\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(blockMs));
  process.stdout.write('unblocked\n');
});
process.once('SIGTERM', () => {
  clearInterval(staysAlive);
  void registry.close();
});
