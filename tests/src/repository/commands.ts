import { existsSync, readFileSync } from 'node:fs';
import { root } from './documents.js';

const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  scripts: Record<string, string>;
};
const compose = readFileSync(`${root}docker-compose.yml`, 'utf8');
const [, composeServices = ''] = compose.split(/^services:$/m);
const services = new Set([...composeServices.matchAll(/^ {2}([\w-]+):$/gm)].map((match) => match[1]!));
const settings = readFileSync(`${root}.env`, 'utf8');

const checks: Record<string, (words: readonly string[]) => string | undefined> = {
  npm: ([verb = '', name = '']) => {
    if (verb === 'ci' || verb === 'install') return undefined;
    const script = verb === 'run' ? name : verb;
    return scripts[script] ? undefined : `package.json has no script "${script}"`;
  },
  node: ([file = '']) => {
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
