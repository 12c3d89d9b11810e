import { execFile } from 'node:child_process'
import { copyFile, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The packages that an application installs, each with no dependency but the OpenFeature SDK. */
export const published = ['openfeature-server', 'openfeature-web'] as const

/** JavaScript and types of one package, by `tsc`. Throws with what the compiler says. */
export async function buildPackage(name: (typeof published)[number], outDir = here(`${name}/dist`)): Promise<void> {
  await rm(outDir, { recursive: true, force: true })
  const built = run(here('../node_modules/.bin/tsc'), ['-p', here(`${name}/tsconfig.build.json`), '--outDir', outDir])
  await built.catch((error: { stdout?: string }) => {
    throw new Error(`The package ${name} does not compile: ${error.stdout}`, { cause: error })
  })
}

/** `npm run pack`: writes a package of each beside its sources, ready for `npm publish`. */
if (import.meta.main) {
  for (const name of published) {
    await buildPackage(name)
    await copyFile(here('../LICENSE'), here(`${name}/LICENSE`))
    const { stdout } = await run('npm', ['pack', '--silent'], { cwd: here(name) })
    console.log(`packages/${name}/${stdout.trim()}`)
  }
}
