import { fileURLToPath } from 'node:url';
import { registryForTests, TrackedProcess } from '@rollcall/tools';
import { describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('../../../examples/resolvers/dist/main.js', import.meta.url));
const servers = [
  await registryForTests('consul', { prefer: ['binary', 'image'] }),
  await registryForTests('etcd', { prefer: ['given', 'binary', 'image'] }),
];

describe.skipIf(!servers.every(Boolean))('the example "resolvers"', () => {
  it('every target resolves and is answered, others have clear errors, lookups have a floor and a backoff', async () => {
    const lines: string[] = [];
    const example = await TrackedProcess.start({
      command: process.execPath,
      args: [program],
      onLine: (line) => lines.push(line.trim()),
    });
    const { code } = await example.exited;
    expect({ code, output: lines }).toMatchObject({ code: 0 });

    const address = String.raw`127\.0\.0\.1:\d+`;
    const both = [`resolves to ${address}, ${address}$`, 'answered by anna and ben$'];
    const [anna, ben] = ['anna', 'ben'].map((name) => [`resolves to ${address}$`, `answered by ${name}$`]);
    const expected: readonly (readonly [target: string, following: readonly string[]])[] = [
      ['static:///', both],
      ['ipv4:', both],
      ['unix:', ['resolves to .*/carl.sock$', 'answered by carl$']],
      ['127.0.0.1:', anna!],
      ['dns:///127.0.0.1:', ben!],
      ['dns://127.0.0.1:', anna!],
      ['srv:///greeter', both],
      ['srv:///_greeter._tcp.service.consul', both],
      ['srv://127.0.0.1:', both],
      ['consul:///greeter', both],
      ['etcd:///greeter', both],
      ['file:///greeter', both],
      ['zookeeper:///greeter', ['INVALID_TARGET: .*no resolver is registered for "zookeeper"']],
      ['srv:///greeter?zone', ['INVALID_TARGET: .*invalid query parameter']],
      ['etcd://other/greeter', ['INVALID_TARGET: no registry is registered for etcd://other/']],
    ];
    for (const [target, following] of expected) {
      const at = lines.findIndex((line) => line.startsWith(target));
      const block = lines.slice(at, at + 1 + following.length);
      expect(block).toEqual([
        expect.stringContaining(target),
        ...following.map((each) => expect.stringMatching(each)),
      ]);
    }

    const lookups = /^with 200 hints in 2 s: (\d+) lookups$/m.exec(lines.join('\n'))?.[1];
    expect(Number(lookups)).toBeGreaterThanOrEqual(1);
    const failures =
      /lookups fail after ([\d., ]+) s/.exec(lines.join('\n'))?.[1]?.split(', ').map(Number) ?? [];
    expect(failures.length).toBeGreaterThanOrEqual(2);
    failures.slice(1).forEach((at, i) => expect(at - failures[i]!).toBeGreaterThanOrEqual(0.4));
    expect(lines.at(-1)).toBe('the list: 2 instances (last-known-good)');
  });
});
