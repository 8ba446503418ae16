import { cancelReap, reapOnExit } from '../processes/orphan-reaper.js';
import type { RegistryProgram } from './registry-program.js';
import type { ServerHost } from './server-host.js';

/** A registry server as a container. Its port is published as a fixed one, so that it survives a restart. */
export async function containerHost(
  program: RegistryProgram,
  image: string,
  port: number,
  extraArgs: readonly string[],
): Promise<ServerHost> {
  // The package takes a second to load, and most runs need no container.
  const { GenericContainer, getContainerRuntimeClient, StartupCheckStrategy } =
    await import('testcontainers');
  const { container: containers, info } = await getContainerRuntimeClient();
  const local = info.containerRuntime.host === 'localhost';
  let id: string | undefined;

  class RegistryContainer extends GenericContainer {
    /** Publishes the port on loopback only, for which the package has no setting, unless the engine is remote. */
    protected override async beforeContainerCreated() {
      this.hostConfig.PortBindings = {
        [`${program.defaultPort}/tcp`]: [{ HostIp: local ? '127.0.0.1' : '', HostPort: `${port}` }],
      };
    }

    protected override async containerCreated(createdId: string) {
      id = createdId;
      reapOnExit({ container: createdId });
    }
  }

  /** `start-registry.ts` probes for readiness; the package's default strategy needs a shell in the image. */
  class NoWait extends StartupCheckStrategy {
    async checkStartupState() {
      return 'SUCCESS' as const;
    }
  }

  const container = () => {
    if (id === undefined) throw new Error(`the container of ${image} has not been started`);
    return containers.getById(id);
  };
  const remove = async () => {
    if (id === undefined) return;
    await container().remove({ force: true, v: true });
    await cancelReap({ container: id });
    id = undefined;
  };

  return {
    address: local ? '127.0.0.1' : info.containerRuntime.host,
    async start() {
      if (id !== undefined) return void (await container().start());
      await new RegistryContainer(image)
        .withCommand([...program.containerCommand, ...extraArgs])
        .withExposedPorts(program.defaultPort)
        .withWaitStrategy(new NoWait())
        .start();
    },
    async kill() {
      if (id === undefined) return;
      const { State: state } = await container().inspect();
      if (!state.Running) return;
      // Docker refuses to kill a paused container.
      if (state.Paused) await container().unpause();
      const exited = container().wait();
      await container().kill({ signal: 'SIGKILL' });
      await exited;
    },
    async freeze() {
      await container().pause();
    },
    async thaw() {
      await container().unpause();
    },
    wipe: remove,
    remove,
    async exitReason() {
      if (id === undefined) return undefined;
      const { State: state } = await container().inspect();
      if (state.Running) return undefined;
      const log = await container().logs({ stdout: true, stderr: true, tail: 20 });
      return `the container of ${image} exited (${state.ExitCode})\n${log.toString()}`;
    },
  };
}
