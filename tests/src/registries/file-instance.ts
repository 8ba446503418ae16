/** An instance as a process of its own: `node file-instance.js <registry URL> <service> <id> <port>`. */
import { openRegistry } from '@rollcall/discovery';

const [url, service = '', id = '', port] = process.argv.slice(2);
const say = (event: string) => process.stdout.write(`${event}\n`);

const registry = await openRegistry(url);
const registration = registry.register({ service, id, host: '127.0.0.1', port: Number(port) });
registration.on('change', (state) => {
  say('lastError' in state ? `${state.status} ${state.lastError?.code}` : state.status);
});
const staysAlive = setInterval(() => {}, 60_000);
process.once('SIGTERM', () => {
  clearInterval(staysAlive);
  void registry.close().then(() => say('left'));
});
