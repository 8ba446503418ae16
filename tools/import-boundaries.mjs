// The lint rule `rollcall/import-boundaries`: which folder may import what. A plugin, because `no-restricted-imports`
// takes the options of the last matching override only, so that each override would repeat the patterns of the others.
// A spec in tests/src breaks every boundary on purpose.
import { dirname, join, relative } from 'node:path';

const discovery = 'libs/discovery/src';
const inDiscovery = (...paths) => paths.map((path) => `${discovery}/${path}`);
const registries = inDiscovery('consul', 'etcd', 'file', 'srv', 'static');
const clients = inDiscovery('grpc', 'http');

/** What each folder of discovery may import from discovery, besides itself, `model` and `runtime`. */
const mayImport = {
  model: [],
  runtime: [],
  events: [],
  backend: [],
  registering: ['backend', 'events'],
  watching: ['backend', 'events'],
  consul: ['backend'],
  etcd: ['backend'],
  file: ['backend'],
  srv: ['backend'],
  static: ['backend'],
  calling: ['events'],
  shutdown: [],
  grpc: ['registry.js', 'calling', 'events', 'shutdown'],
  http: ['registry.js', 'calling', 'events', 'shutdown'],
  telemetry: ['events'],
};

/**
 * A file under `from`, and not under `except`, must not import `deny`, unless it is also under `allow`.
 * All of them are packages, or folders or files of the repository; a folder stands for everything inside.
 * `tests: false` exempts specs and their fixtures.
 */
const boundaries = [
  // apps -> service-kit -> nest-discovery -> discovery, and apps -> contracts.
  {
    from: ['libs/contracts'],
    deny: ['@rollcall', '@nestjs'],
    message: 'The contracts import only the proto loader.',
  },
  {
    from: ['libs/discovery'],
    deny: ['@rollcall'],
    allow: ['@rollcall/discovery'],
    message: 'discovery imports no other package of this repository.',
  },
  {
    from: ['libs/discovery'],
    deny: ['@nestjs', 'rxjs', 'reflect-metadata'],
    message: 'discovery is framework-free; Nest belongs in libs/nest-discovery.',
  },
  {
    from: ['libs/nest-discovery'],
    deny: ['@rollcall'],
    allow: ['@rollcall/discovery'],
    message: 'nest-discovery imports discovery and nothing above itself.',
  },
  {
    from: ['libs/service-kit'],
    deny: ['@rollcall'],
    allow: ['@rollcall/discovery', '@rollcall/nest-discovery'],
    message: 'service-kit serves any service: it imports no app and no contract.',
  },
  {
    from: ['apps'],
    deny: ['@rollcall'],
    allow: ['contracts', 'discovery', 'nest-discovery', 'service-kit'].map((name) => `@rollcall/${name}`),
    message: 'An app imports libraries; it knows another app through its contract only.',
  },

  // One folder for each client package.
  {
    from: ['libs/discovery'],
    except: inDiscovery('grpc'),
    deny: ['@grpc'],
    message: 'Only libs/discovery/src/grpc imports grpc-js.',
  },
  {
    from: ['libs/discovery'],
    except: inDiscovery('http'),
    deny: ['undici'],
    message: 'Only libs/discovery/src/http imports undici.',
  },
  {
    from: ['libs', 'apps'],
    except: inDiscovery('etcd'),
    deny: ['etcd3', 'cockatiel'],
    message: 'Only libs/discovery/src/etcd imports etcd3.',
  },
  {
    from: ['libs', 'apps'],
    except: inDiscovery('consul'),
    deny: ['consul'],
    message: 'Only libs/discovery/src/consul imports the consul package.',
  },
  {
    from: ['libs', 'apps'],
    except: inDiscovery('srv'),
    deny: ['dns-packet'],
    message: 'Only libs/discovery/src/srv imports dns-packet.',
  },

  {
    from: ['libs/discovery', 'libs/nest-discovery'],
    except: inDiscovery('telemetry'),
    deny: ['@opentelemetry'],
    message: 'Only libs/discovery/src/telemetry imports OpenTelemetry.',
  },

  // The folders of discovery.
  {
    from: inDiscovery('http/serving', 'http/server.ts'),
    deny: ['undici', discovery],
    allow: inDiscovery('http/serving', 'model', 'runtime', 'shutdown'),
    message: 'An HTTP server does not load the HTTP client, nor undici.',
    tests: false,
  },
  {
    from: clients,
    deny: registries,
    message: 'gRPC and HTTP clients use a Registry, never a backend.',
  },
  ...registries.map((registry) => ({
    from: [registry],
    deny: [...registries, ...clients],
    allow: [registry],
    message: 'A backend imports no other backend and no client.',
  })),
  {
    from: [discovery],
    except: clients.concat(inDiscovery('testing', 'telemetry')),
    deny: clients.concat(inDiscovery('testing', 'telemetry')),
    message: 'The core knows neither its clients, nor its telemetry, nor its tests.',
    tests: false,
  },
  ...Object.entries(mayImport).map(([folder, lower]) => ({
    from: inDiscovery(folder),
    deny: [discovery],
    allow: inDiscovery(folder, 'model', 'runtime', ...lower),
    message: 'The folders of discovery import only what lies below them.',
    tests: false,
  })),
];

const importBoundaries = {
  create(context) {
    const file = relative(context.cwd, context.filename);
    const isTest = /\.(spec|fixture)\.|[\\/]fixtures[\\/]/.test(file);
    const rules = boundaries.filter(
      ({ from, except = [], tests = true }) => isIn(file, from) && !isIn(file, except) && (tests || !isTest),
    );

    const check = ({ source }) => {
      if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
      const imported = source.value.startsWith('.') ? join(dirname(file), source.value) : source.value;
      const broken = rules.find(({ deny, allow = [] }) => isIn(imported, deny) && !isIn(imported, allow));
      if (broken) context.report({ node: source, message: broken.message });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};

function isIn(path, folders) {
  return folders.some((folder) => `${path.replaceAll('\\', '/')}/`.startsWith(`${folder}/`));
}

export default { meta: { name: 'rollcall' }, rules: { 'import-boundaries': importBoundaries } };
