import { DiscoveryError } from '../model/errors.js';

const notFound = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'];

/**
 * For the `catch` of `import(peer)`: turns the error of a package that is not installed into MISSING_PEER, with the way out.
 * ENOENT is that of a package which was bundled without the files that it reads, such as the proto files of etcd3.
 */
export function missingPeer(peer: string): (error: unknown) => never {
  return (error) => {
    const { code, message } = error as NodeJS.ErrnoException;
    if (notFound.includes(code!)) {
      throw new DiscoveryError('MISSING_PEER', `this registry needs a package: npm install ${peer}`, {
        cause: error,
      });
    }
    if (code === 'ENOENT') {
      const wayOut = `mark ${peer} as external for the bundler, and npm install ${peer} beside the bundle`;
      throw new DiscoveryError('MISSING_PEER', `${peer} does not work in a bundle: ${wayOut} (${message})`, {
        cause: error,
      });
    }
    throw error;
  };
}
