// Writes what the published OpenAPI documents of Kubernetes say about the objects that a deployment sends: one file a release below
// tests/Build.Tests/Platforms/Kubernetes/OpenApi, against which OpenApi/*Tests.cs check every manifest. Structure alone, no descriptions.
//
//   node tests/tools/openapi-shapes.mjs
//
// To add a release, add its npm package to `sources` and run this; the tests take every file that is there. A package of the type definitions
// (kubernetes-types) is of the release that it is called by, one of the client (@kubernetes/client-node) of the release that its files name.
// To add a kind that is sent, or one that is only read or named in a kubectl command, add it to `sent` or `named`.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const sources = [
  'kubernetes-types@1.21.0-beta.1', // the release of the server whose answers the emulator plays
  'kubernetes-types@1.30.0', // the oldest that kubectl 1.31 supports: https://kubernetes.io/releases/version-skew-policy/#kubectl
  '@kubernetes/client-node@2.0.1', // 1.36, the newest that kubectl 1.35 supports
];

const sent = [
  'v1 Namespace', 'v1 Secret', 'v1 PersistentVolume', 'v1 PersistentVolumeClaim', 'v1 Service', 'v1 Pod', 'apps/v1 StatefulSet', 'v1 DeleteOptions',
];

const named = [
  'v1 Node', 'v1 Event', 'v1 ConfigMap', 'v1 ServiceAccount', 'v1 ResourceQuota', 'apps/v1 ControllerRevision', 'apps/v1 DaemonSet', 'apps/v1 Deployment',
  'apps/v1 ReplicaSet', 'authorization.k8s.io/v1 SelfSubjectAccessReview', 'coordination.k8s.io/v1 Lease', 'policy/v1 Eviction',
  'policy/v1 PodDisruptionBudget', 'storage.k8s.io/v1 StorageClass',
];

const target = join(dirname(fileURLToPath(import.meta.url)), '../Build.Tests/Platforms/Kubernetes/OpenApi');

for (const source of sources) {
  const directory = mkdtempSync(join(tmpdir(), 'openapi-'));
  try {
    const archive = execFileSync('npm', ['pack', '--silent', source], { cwd: directory, encoding: 'utf8' }).trim();
    execFileSync('tar', ['-xzf', archive], { cwd: directory });
    const root = join(directory, 'package');
    write(source, source.startsWith('@kubernetes/client-node@') ? client(root) : types(root));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Follows the references from the kinds that are sent. `status` is the server's to write, so nothing below it is of interest. */
function write(source, reader) {
  const [kinds, deprecated, definitions] = [{}, [], {}];
  for (const kind of [...sent, ...named]) {
    const name = reader.find(kind);
    if (name === undefined)
      continue; // not served by this release: the tests tell whether that matters
    kinds[kind] = name;
    if (isDeprecated(reader.read(name).text))
      deprecated.push(kind);
  }

  const open = sent.map(kind => kinds[kind]);
  while (open.length > 0) {
    const name = open.shift();
    if (name === undefined || name in definitions)
      continue;
    const definition = definitions[name] = {};
    for (const property of reader.read(name).properties) {
      const type = property.name === 'status' ? 'object' : property.type;
      const reference = reader.has(type.split(':').at(-1)) ? type.split(':').at(-1) : undefined;
      const deprecated = isDeprecated(property.text) || (reference && isDeprecated(reader.read(reference).text));
      definition[property.name] = [property.required && 'required', deprecated && 'deprecated', type].filter(Boolean).join(' ');
      open.push(reference);
    }
  }

  const release = reader.release();
  const file = join(target, `${release}.json`);
  const head = { release, source, kinds, deprecated };
  const lines = [
    ...Object.entries(head).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`),
    '  "definitions": {',
    Object.keys(definitions).sort().map(name => `    ${JSON.stringify(name)}: ${JSON.stringify(definitions[name])}`).join(',\n'),
    '  }',
  ];
  writeFileSync(file, `{\n${lines.join('\n')}\n}\n`);
  console.log(`${file}: ${Object.keys(definitions).length} definitions of Kubernetes ${release}`);
}

/** How descriptions say it: "Deprecated: …", "… is deprecated", "DEPRECATED". "Recycle (deprecated)" is said of one value. */
function isDeprecated(text) {
  return /(?<![(])\bdeprecated\b/i.test(text ?? '');
}

/** kubernetes-types: an interface a definition, in one file for each group and version. A definition is called `core/v1.PodSpec`. */
function types(root) {
  const files = new Map();
  const scope = name => name.slice(0, name.lastIndexOf('.'));
  return {
    release: () => JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version.split('.').slice(0, 2).join('.'),
    find: kind => {
      const [version, name] = kind.split(' ');
      // DeleteOptions are of every group. A kind's own group is the literal type of its apiVersion.
      const group = name === 'DeleteOptions' ? 'meta/v1' : version.includes('/') ? version.replace(/[.][^/]*/, '') : `core/${version}`;
      const found = file(group)?.get(name);
      const own = found?.properties.find(property => property.name === 'apiVersion')?.literal;
      return found && (own === undefined || own === version) ? `${group}.${name}` : undefined;
    },
    has: name => name.includes('.') && file(scope(name))?.has(name.slice(scope(name).length + 1)) === true,
    read: name => file(scope(name)).get(name.slice(scope(name).length + 1)),
  };

  function file(path) {
    if (!files.has(path))
      files.set(path, existsSync(join(root, `${path}.d.ts`)) ? parse(path, readFileSync(join(root, `${path}.d.ts`), 'utf8')) : undefined);
    return files.get(path);
  }

  function parse(path, text) {
    const imported = new Map([...text.matchAll(/^import \{([^}]*)\} from "([^"]*)";/gm)].flatMap(
      ([, names, from]) => names.split(',').map(name => [name.trim(), posix.join(posix.dirname(path), from)])));
    const alias = { Quantity: 'quantity', Time: 'string', MicroTime: 'string', RawExtension: 'object', FieldsV1: 'object' };
    const name = type => alias[type] ?? `${imported.get(type) ?? path}.${type}`;
    return new Map([...text.matchAll(/(?:\/\*\*((?:(?!\*\/)[^])*)\*\/\s*)?^export interface (\w+) \{\n([^]*?)^\}/gm)].map(
      ([, comment, title, body]) => [title, { text: comment, properties: properties(body, name) }]));
  }
}

/**
 * @kubernetes/client-node: a class a definition, in a file of its own, called `V1PodSpec`. A kind is found by the request that makes one, so one
 * that nobody can make (ComponentStatus) is not found.
 */
function client(root) {
  const models = join(root, 'dist/gen/models');
  const apis = join(root, 'dist/gen/apis');
  const releases = new Set();
  return {
    find: kind => {
      const [version, name] = kind.split(' ');
      const [group, number] = version.includes('/') ? version.split('/') : ['core', version];
      const capital = word => word[0].toUpperCase() + word.slice(1);
      const model = (name === 'Event' ? capital(group) : '') + capital(number) + name;
      // An eviction and the options of a deletion are bodies of the core API's requests, whatever their own group.
      const owner = name === 'Eviction' || name === 'DeleteOptions' ? 'core' : group.split('.')[0];
      const api = join(apis, `${capital(owner)}${capital(number)}Api.d.ts`);
      return existsSync(api) && new RegExp(`body[?]?: ${model}\\b`).test(readFileSync(api, 'utf8')) ? model : undefined;
    },
    has: name => existsSync(join(models, `${name}.d.ts`)),
    read: name => {
      const text = readFileSync(join(models, `${name}.d.ts`), 'utf8');
      releases.add(/OpenAPI spec version: (?:release-|v)(\d+[.]\d+)/.exec(text)[1]);
      const [, comment, body] = /(?:\/\*\*((?:(?!\*\/)[^])*)\*\/\s*)?^export declare class \w+ \{\n([^]*?)^    static /m.exec(text);
      const map = JSON.parse(/attributeTypeMap = (\[[^]*?\n\]);/.exec(readFileSync(join(models, `${name}.js`), 'utf8'))[1]);
      const alias = { Date: 'string', V1MicroTime: 'string', IntOrString: 'int-or-string', any: 'object' };
      return {
        text: comment,
        properties: properties(body, type => alias[type] ?? type).map(property => {
          // `exec` is a word of the language, and so called `_exec`.
          const { baseName, format } = map.find(entry => entry.name === property.name);
          return { ...property, name: baseName, type: /^int(32|64)$/.test(format) ? property.type.replace('number', 'integer') : property.type };
        }),
      };
    },
    release: () => {
      // Files of former releases stay in the package when their definitions are gone from the document.
      if (releases.size !== 1)
        throw new Error(`The definitions are of several releases: ${[...releases]}`);
      return [...releases][0];
    },
  };
}

/** @param name Gives a definition's name, or another word for it. */
function properties(body, name) {
  const member = /(?:\/\*\*((?:(?!\*\/)[^])*)\*\/\s*)?(?:readonly )?['"]?([\w$-]+)['"]?(\?)?: (\{[^}]*\}|[^;]*);/g;
  return [...body.matchAll(member)].map(([, text, property, optional, type]) => ({
    name: property, text, required: optional === undefined, type: convert(type), literal: /^"(.*)"$/.exec(type)?.[1],
  }));

  function convert(type) {
    const array = /^Array<(.*)>$/.exec(type);
    const map = /^\{\s*\[\w+: string\]: ([^;]*);\s*\}$/.exec(type);
    return array ? `array:${convert(array[1])}`
      : map ? `map:${convert(map[1])}`
      : type.startsWith('"') ? 'string'
      : type === 'number | string' ? 'int-or-string'
      : ['string', 'number', 'boolean', 'object'].includes(type) ? type
      : /^\w+$/.test(type) ? name(type)
      : (() => { throw new Error(`What is the type ${type}?`); })();
  }
}
