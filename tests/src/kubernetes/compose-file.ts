import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../../..', import.meta.url));

interface ComposeService {
  readonly image: string;
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly deploy?: { readonly replicas: number };
  readonly mem_limit: string;
  readonly stop_grace_period?: string;
}

/** The services of docker-compose.yml, with the settings of `.env` in place. */
export function composeServices(): Readonly<Record<string, ComposeService>> {
  const settings = Object.fromEntries(
    [...readFileSync(`${root}.env`, 'utf8').matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [
      name,
      value,
    ]),
  );
  const text = readFileSync(`${root}docker-compose.yml`, 'utf8').replaceAll(
    /\$\{(\w+)\}/g,
    (_, name: string) => settings[name] ?? '',
  );
  return (parse(text, { merge: true }) as { services: Record<string, ComposeService> }).services;
}
