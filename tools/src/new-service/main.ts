import { reportError, UsageError } from '../usage-error.js';
import { manifests } from './manifests.js';
import { addService, removeService } from './service-in-repository.js';

const [action, ...args] = process.argv.slice(2);
const command = `npm run ${action}:service`;
const changed = manifests.map(({ path }) => path).join(', ');

try {
  const [name] = args;
  if (name === undefined || args.length > 1 || name.startsWith('-')) {
    throw new UsageError(`use ${command} <name>, as in ${command} gift-wrap`);
  }
  process.stdout.write(action === 'remove' ? remove(name) : add(name));
} catch (error) {
  process.exitCode = reportError(command, error);
}

function add(name: string): string {
  const [proto = '', contract = '', app = ''] = addService(name);
  const rows = [
    [proto, 'its methods; after a change: npm run generate'],
    [contract, `what its callers import: @rollcall/contracts/${name}`],
    [app, 'the service and its test'],
    [changed, 'name it'],
    [`npm run dev ${name}`, 'runs an instance in the registry of the running shop'],
    ['npm run check', 'checks types, lint, format and proto'],
    [`npm run remove:service ${name}`, 'deletes all of it'],
  ];
  const width = Math.max(...rows.map(([first = '']) => first.length));
  return `\n${rows.map(([first = '', second]) => `  ${first.padEnd(width)}  ${second}\n`).join('')}`;
}

function remove(name: string): string {
  return `\n  deleted: ${removeService(name).join(', ')}\n  changed: ${changed}\n`;
}
