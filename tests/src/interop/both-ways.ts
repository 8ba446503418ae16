import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openRegistry, type Registry } from '@rollcall/discovery';
import { registerResolver } from '@rollcall/discovery/grpc';
import {
  freePort,
  type RegistryLocation,
  type RegistryServer,
  startRegistryAt,
  until,
} from '@rollcall/tools';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFailed } from 'vitest';
import { capturedRecord, textLike, writtenRecord } from './captured-records.js';
import { OurClient, OurServer } from './greeter.js';
import { folderOf, GoGreeter, type GoProgramName } from './go-greeter.js';

export interface InteropSuite {
  readonly name: GoProgramName;
  readonly location: RegistryLocation | undefined;
  /** Of our records. */
  readonly format: string;
  /** What its servers write: the arguments of one, and the source of the record that was captured. */
  readonly records: readonly { readonly args?: readonly string[]; readonly source: string }[];
  /** It takes minutes to build. */
  readonly long?: true;
}

/** The clients of another system call our servers, our client calls its servers, and each follows what comes and goes. */
export function describeBothWays({ name, location, format, records, long }: InteropSuite): void {
  const kind = location?.kind ?? 'a registry';
  describe.skipIf(!location)(`${name} on ${kind}`, long ? { tags: ['long'] } : {}, () => {
    let server: RegistryServer;
    let registry: Registry;
    let service: string;
    let services = 0;
    const cleanups: (() => Promise<void>)[] = [];

    beforeAll(async () => {
      server = await startRegistryAt(location!);
      registry = await openRegistry(`${server.url}?format=${format}`);
      registerResolver(registry);
    });
    beforeEach(async ({ skip }) => {
      const reason = await GoGreeter.whyNot(name);
      skip(reason !== undefined, reason);
      service = `greeter-${++services}`;
    });
    afterEach(async () => void (await Promise.all(cleanups.splice(0).map((cleanUp) => cleanUp()))));
    afterAll(async () => {
      await registry?.close();
      await server?.stop();
    });

    const started = <T extends { close(): Promise<void>; readonly output?: string }>(each: T): T => {
      cleanups.push(() => each.close());
      onTestFailed(() => void process.stderr.write(`${each.output ?? ''}\n`));
      return each;
    };
    const serveOurs = async () => started(await OurServer.start(registry, service));
    const serve = async (...more: readonly string[]) =>
      started(await GoGreeter.serve(name, server, service, `127.0.0.1:${await freePort()}`, ...more));
    const untilListed = async (...servers: readonly GoGreeter[]) => {
      const watch = registry.watch(service);
      const expected = servers.map(({ address }) => address).toSorted();
      const listed = () => watch.current.instances.map(({ host, port }) => `${host}:${port}`).toSorted();
      await until(() => listed().join() === expected.join(), {
        deadlineMs: 20_000,
        describe: () => `${expected.join()}; ${servers.map(({ output }) => output).join('\n')}`,
      });
      watch.close();
    };

    it('its client calls our servers; one shuts down, another one registers: no call fails', async () => {
      const [one, two] = [await serveOurs(), await serveOurs()];
      const { results } = started(await GoGreeter.call(name, server, service));
      for (const { answer } of [one, two]) await results.untilAnswered(answer);
      await one.close();
      const three = await serveOurs();
      await results.untilAnswered(three.answer);
      expect(await results.next(20)).not.toContain(one.answer);
      expect(new Set(results.all)).toEqual(new Set([one.answer, two.answer, three.answer]));
    });

    it('our client calls its servers; one is stopped, another one starts: no call fails', async () => {
      const [one, two] = [await serve(), await serve()];
      await untilListed(one, two);
      const { results } = started(new OurClient(registry.scheme, service));
      for (const { answer } of [one, two]) await results.untilAnswered(answer);
      one.terminate();
      await untilListed(two);
      const three = await serve();
      await untilListed(two, three);
      await results.untilAnswered(three.answer);
      expect(await results.next(20)).not.toContain(one.answer);
      expect(new Set(results.all)).toEqual(new Set([one.answer, two.answer, three.answer]));
    });

    it.each(records)('its record is the one that was captured: $source', async ({ source, args = [] }) => {
      const captured = capturedRecord(server.kind, source);
      expect(await readFile(join(folderOf(name), 'go.mod'), 'utf8')).toContain(source.split(',')[0]);
      await untilListed(await serve(...args));
      const written = await writtenRecord(server, service);
      expect(textLike(written, captured)).toBe(captured.text);
    });
  });
}
