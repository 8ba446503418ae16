import type { ServiceNames } from './service-names.js';

/** The files of a new service that are written by hand, by their path in the repository. */
export function sourceFiles(names: ServiceNames): Readonly<Record<string, string>> {
  const { service, snake } = names;
  return {
    [`proto/shop/${snake}/v1/${snake}.proto`]: proto(names),
    [`libs/contracts/src/services/${service}.ts`]: contract(names),
    [`apps/${service}/src/main.ts`]: main(names),
    [`apps/${service}/src/${service}.controller.ts`]: controller(names),
    [`apps/${service}/src/${service}.controller.spec.ts`]: controllerSpec(names),
  };
}

function proto({ snake, pascal, words }: ServiceNames): string {
  return `syntax = "proto3";

package shop.${snake}.v1;

// What the service does, in one sentence.
service ${pascal}Service {
  // One ${words}. NOT_FOUND for an unknown id, INVALID_ARGUMENT for a malformed one.
  rpc Get${pascal}(Get${pascal}Request) returns (Get${pascal}Response) {
    option idempotency_level = NO_SIDE_EFFECTS;
  }
}

message Get${pascal}Request {
  // Lower-case letters, digits and hyphens, 1 to 64 of them.
  string id = 1;
}

message Get${pascal}Response {
  // Always set.
  ${pascal} ${snake} = 1;
}

message ${pascal} {
  // Unique: lower-case letters, digits and hyphens.
  string id = 1;
  // A line of plain text, in English.
  string title = 2;
}
`;
}

function contract({ service, snake, pascal, camel }: ServiceNames): string {
  const generated = `../generated/shop/${snake}/v1`;
  return `import { contract } from '../contract.js';
import type { ${pascal}ServiceClient } from '${generated}/${pascal}Service.js';

export const ${camel}Contract = contract<${pascal}ServiceClient>('${service}', '${snake}', '${pascal}Service');

export type { ${pascal}ServiceClient };
// Messages as received, with every field set. The client type says which fields a sender may omit.
export type { Get${pascal}Request__Output as Get${pascal}Request } from '${generated}/Get${pascal}Request.js';
export type { Get${pascal}Response__Output as Get${pascal}Response } from '${generated}/Get${pascal}Response.js';
export type { ${pascal}__Output as ${pascal} } from '${generated}/${pascal}.js';
`;
}

function main({ service, pascal, camel }: ServiceNames): string {
  return `import { Module } from '@nestjs/common';
import { ${camel}Contract } from '@rollcall/contracts/${service}';
import { runGrpcService } from '@rollcall/service-kit';
import { ${pascal}Controller } from './${service}.controller.js';

@Module({ controllers: [${pascal}Controller] })
class ${pascal}Module {}

await runGrpcService({ contract: ${camel}Contract, module: ${pascal}Module });
`;
}

function controller({ service, pascal, camel, words }: ServiceNames): string {
  return `import { Controller } from '@nestjs/common';
import { GrpcMethod, GrpcNotFoundException } from '@nestjs/microservices';
import type { Get${pascal}Request, Get${pascal}Response, ${pascal} } from '@rollcall/contracts/${service}';
import { assertFieldMatches } from '@rollcall/service-kit';

const idPattern = /^[a-z0-9][a-z0-9-]{0,63}$/;

const examples: readonly ${pascal}[] = [{ id: 'example', title: 'An example' }];

@Controller()
export class ${pascal}Controller {
  @GrpcMethod('${pascal}Service', 'Get${pascal}')
  get${pascal}({ id }: Get${pascal}Request): Get${pascal}Response {
    assertFieldMatches('id', id, idPattern);
    const found = examples.find((example) => example.id === id);
    if (!found) throw new GrpcNotFoundException(\`${words} "\${id}" not found\`);
    return { ${camel}: found };
  }
}
`;
}

function controllerSpec({ service, pascal, camel, words }: ServiceNames): string {
  return `import { GrpcStatus } from '@nestjs/microservices';
import { describe, expect, it } from 'vitest';
import { ${pascal}Controller } from './${service}.controller.js';

const controller = new ${pascal}Controller();

describe('Get${pascal}', () => {
  it('returns one ${words}', () => {
    expect(controller.get${pascal}({ id: 'example' })).toEqual({
      ${camel}: { id: 'example', title: 'An example' },
    });
  });

  it.each([
    ['unknown', 'NOT_FOUND'],
    ['Not an id', 'INVALID_ARGUMENT'],
    ['', 'INVALID_ARGUMENT'],
  ] as const)('rejects the id "%s" with %s', (id, code) => {
    expect(() => controller.get${pascal}({ id })).toThrow(
      expect.objectContaining({ code: GrpcStatus[code], message: expect.stringContaining(\`"\${id}"\`) as string }),
    );
  });
});
`;
}
