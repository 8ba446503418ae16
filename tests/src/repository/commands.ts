import { existsSync, readFileSync } from 'node:fs';
import { documents, root } from './documents.js';

const scriptsOf = (manifest: string) =>
  (JSON.parse(readFileSync(root + manifest, 'utf8')) as { scripts: Record<string, string> }).scripts;
const compose = readFileSync(`${root}docker-compose.yml`, 'utf8');
const [, composeServices = ''] = compose.split(/^services:$/m);
const services = new Set([...composeServices.matchAll(/^ {2}([\w-]+):$/gm)].map((match) => match[1]!));
const settings = readFileSync(`${root}.env`, 'utf8');

const checks: Record<string, (words: readonly string[]) => string | undefined> = {
  npm: ([verb = '', ...words]) => {
    if (['ci', 'install', 'ls', 'pack'].includes(verb)) return undefined;
    const script = verb === 'run' ? words[0]! : verb;
    const workspace = words[words.indexOf('-w') + 1];
    const manifest = words.includes('-w')
      ? `libs/${workspace!.split('/').at(-1)}/package.json`
      : 'package.json';
    return scriptsOf(manifest)[script] ? undefined : `${manifest} has no script "${script}"`;
  },
  node: ([file = '']) => {
    // A program that the same page shows.
    if (documents.some(({ blocks }) => blocks.some(({ fileName }) => fileName === file))) return undefined;
    const source = file.replace('/dist/', '/src/').replace(/\.js$/, '.ts');
    return existsSync(root + source) || existsSync(root + file) ? undefined : `there is no ${source}`;
  },
  docker: (words) => {
    const named = words
      .slice(words[0] === 'compose' ? 2 : 1)
      .map((word) => /^rollcall-(.+)-\d+$/.exec(word)?.[1] ?? word.split('=')[0]!)
      .filter((word) => !word.startsWith('-') && word !== 'SIGKILL');
    const unknown = named.find((name) => !services.has(name));
    return unknown === undefined ? undefined : `docker-compose.yml has no service "${unknown}"`;
  },
  export: ([assignment = '']) => {
    const [variable = ''] = assignment.split('=');
    return settings.includes(`\n${variable}=`) ? undefined : `.env has no ${variable}`;
  },
  kubectl: (words) => {
    const folder = words.find((word) => word.startsWith('deploy/')) ?? 'deploy';
    return existsSync(root + folder) ? undefined : `there is no ${folder}`;
  },
  kill: () => undefined,
  curl: () => undefined,
};

export const commandNames: readonly string[] = Object.keys(checks);

/** What is wrong with a command line of the documentation, as far as that is known without running it. */
export function problemOf(commandLine: string): string | undefined {
  const [command = '', ...words] = commandLine.trim().split(/\s+/);
  const check = checks[command];
  return check ? check(words) : `unknown command "${command}": add it to commands.ts`;
}
