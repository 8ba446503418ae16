import { join, relative } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { echoContract } from '../fixtures/echo.js';
import { loadContract } from './contract.js';

afterEach(() => void vi.restoreAllMocks());

it('a relative path is that of the working directory, and is loaded without a warning', () => {
  const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const [directory] = echoContract.includeDirs!;
  const protoPath = relative(process.cwd(), join(directory!, echoContract.protoPath));
  const { idempotentMethods } = loadContract({ ...echoContract, protoPath, includeDirs: [] });
  expect([...idempotentMethods]).toContain('/echo.v1.EchoService/Get');
  expect(warnings).not.toHaveBeenCalled();
});

it('a proto without the service is an error that names both', () => {
  expect(() => loadContract({ ...echoContract, grpcService: 'Missing' })).toThrow(
    /^INVALID_OPTION: .*echo\.proto has no service echo\.v1\.Missing$/,
  );
});
