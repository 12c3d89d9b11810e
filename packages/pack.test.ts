import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { buildPackage, published } from './pack.ts'

const run = promisify(execFile)
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

for (const name of published) {
  test(`The package ${name} is built with types, loads as it is, and brings nothing but the OpenFeature SDK`, async () => {
    // Within the project, so that the SDK is found where an application would have it.
    const folder = await mkdtemp(join(here('../node_modules'), '.package-'))
    try {
      await buildPackage(name, folder)
      const described = JSON.parse(await readFile(here(`${name}/package.json`), 'utf8'))
      const entry = described.exports['.']
      const built = (path: string): string => join(folder, path.replace('./dist/', ''))
      assert.match(await readFile(built(entry.types), 'utf8'), /Provider/)
      assert.deepEqual(Object.keys(described.dependencies ?? {}), [])
      const script = `const all = await import(${JSON.stringify(pathToFileURL(built(entry.default)).href)});
        const [Provider] = Object.values(all);
        process.stdout.write(new Provider({ url: 'http://127.0.0.1', key: 'k' }).metadata.name)`
      const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: folder })
      assert.equal(stdout, 'Phasegate')
      const used = new Set<string>()
      for (const [, from = ''] of (await sourcesIn(folder)).matchAll(/from ['"]([^.'"][^'"]*)['"]/g)) used.add(from)
      assert.deepEqual(
        [...used].filter((from) => !from.startsWith('node:')),
        [Object.keys(described.peerDependencies)[0]],
      )
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  test(`What the description of ${name} shows compiles as it stands, strictly, with either way of finding modules`, async () => {
    const folder = await mkdtemp(join(here('../node_modules'), '.package-'))
    try {
      const home = join(folder, 'node_modules/@phasegate', name)
      await buildPackage(name, join(home, 'dist'))
      await copyFile(here(`${name}/package.json`), join(home, 'package.json'))
      const [, shown = ''] = /```ts\n([^]*?)```/.exec(await readFile(here(`${name}/README.md`), 'utf8')) ?? []
      await writeFile(join(folder, 'shown.mts'), `const unit = 'someone'\n${shown}\nexport const all = [isNew]\n`)
      for (const [module, resolution] of [
        ['nodenext', 'nodenext'],
        ['esnext', 'bundler'],
      ] as const) {
        const compilerOptions = {
          strict: true,
          exactOptionalPropertyTypes: true,
          noEmit: true,
          target: 'es2022',
          types: ['node'],
          module,
          moduleResolution: resolution,
        }
        const settings = join(folder, 'tsconfig.json')
        await writeFile(settings, JSON.stringify({ compilerOptions, files: ['shown.mts'] }))
        const built = run(here('../node_modules/.bin/tsc'), ['-p', settings])
        await built.catch((error: { stdout?: string }) => assert.fail(error.stdout))
      }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
}

async function sourcesIn(folder: string): Promise<string> {
  const { stdout } = await run('find', [folder, '-name', '*.js', '-exec', 'cat', '{}', '+'], { maxBuffer: 2 ** 24 })
  return stdout
}
