// `npm run example <name> [arguments]`: runs `examples/<name>`.
import { existsSync, readdirSync } from 'node:fs';
import { reportError } from './dist/usage-error.js';

const examples = new URL('../examples/', import.meta.url);
const programOf = (name) => new URL(`${name}/dist/main.js`, examples);
const names = readdirSync(examples).filter((name) => existsSync(programOf(name)));
const [name, ...args] = process.argv.slice(2);
if (!names.includes(name)) {
  console.error(`rollcall: npm run example <name>, with one of ${names.join(', ')}`);
  process.exit(2);
}
process.argv = [process.argv[0], programOf(name).pathname, ...args];
try {
  await import(programOf(name));
} catch (error) {
  process.exit(reportError(`npm run example ${name}`, error));
}
