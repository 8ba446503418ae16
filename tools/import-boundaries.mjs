// The lint rule `rollcall/import-boundaries`: which folder may import what. A plugin, because `no-restricted-imports`
// takes the options of the last matching override only, so that each override would repeat the patterns of the others.
// tests/src/house/arrows.spec.ts breaks every rule on purpose.
import { dirname, join, relative } from 'node:path';

const discovery = 'libs/discovery/src';
const registries = ['consul', 'etcd', 'file', 'static'].map((room) => `${discovery}/${room}`);

/**
 * A file under `from`, and not under `except`, must not import `deny`, unless it is also under `allow`.
 * All of them are folders of the repository or packages, and stand for everything inside.
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
    except: [`${discovery}/grpc`],
    deny: ['@grpc'],
    message: 'Only libs/discovery/src/grpc imports grpc-js.',
  },
  {
    from: ['libs/discovery'],
    except: [`${discovery}/http`],
    deny: ['undici'],
    message: 'Only libs/discovery/src/http imports undici.',
  },
  {
    from: ['libs', 'apps'],
    except: [`${discovery}/etcd`],
    deny: ['etcd3', 'cockatiel'],
    message: 'Only libs/discovery/src/etcd imports etcd3.',
  },
  {
    from: ['libs', 'apps'],
    except: [`${discovery}/consul`],
    deny: ['consul'],
    message: 'Only libs/discovery/src/consul imports the consul package.',
  },

  // The folders of discovery.
  {
    from: [`${discovery}/grpc`, `${discovery}/http`],
    deny: registries,
    message: 'gRPC and HTTP clients use a Registry, never a backend.',
  },
  ...registries.map((registry) => ({
    from: [registry],
    deny: [...registries, `${discovery}/grpc`, `${discovery}/http`],
    allow: [registry],
    message: 'A backend imports no other backend and no client.',
  })),
];

const importBoundaries = {
  create(context) {
    const file = relative(context.cwd, context.filename);
    const rules = boundaries.filter(({ from, except = [] }) => isIn(file, from) && !isIn(file, except));

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
