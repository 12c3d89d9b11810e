import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { markOf, packedFolder, packedList, project, type Packed } from './packed-code.ts'

async function pack(cache: string): Promise<void> {
  const folder = packedFolder(cache)
  const name = `code-${Date.now()}-${process.pid}`
  const marks = new Map<string, string>()
  const { metafile } = await build({
    absWorkingDir: project,
    entryPoints: { run: 'service/run.ts' },
    outdir: join(folder, name),
    // So that Node need not find out of which kind they are.
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    logLevel: 'error',
    // Packages of the older kind ask for Node's own parts by this.
    banner: {
      js: `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(${JSON.stringify(import.meta.url)});`,
    },
    plugins: [keepsItsPlace(marks), readsNoMoreOfNode],
  })
  // What npm writes with each installation stands for packages that have gone or changed their version.
  const read = Object.keys(metafile.inputs).filter((path) => !path.startsWith('node:'))
  const madeFrom = [...read, 'node_modules/.package-lock.json']
  const packed: Packed = {
    project,
    entry: join(name, 'run.mjs'),
    madeFrom: madeFrom.map((path) => [path, marks.get(path) ?? markOf(path)]),
  }
  replaceFile(packedList(cache), JSON.stringify(packed))
  removeOlder(folder)
}

/** Each file still finds what lies beside it, and workers start from their own files. What is read is marked first. */
const keepsItsPlace = (marks: Map<string, string>): Plugin => ({
  name: 'keeps its place',
  setup({ onLoad }) {
    onLoad({ filter: /\.[cm]?[jt]s$/ }, ({ path }) => {
      const inProject = relative(project, path)
      marks.set(inProject, markOf(inProject))
      const source = readFileSync(path, 'utf8')
      const contents = source
        .replaceAll(/\bimport\.meta\.url\b/g, JSON.stringify(pathToFileURL(path).href))
        .replaceAll(/\bimport\.meta\.dirname\b/g, JSON.stringify(dirname(path)))
        .replaceAll(/\b__dirname\b/g, JSON.stringify(dirname(path)))
        .replaceAll(/\b__filename\b/g, JSON.stringify(path))
      return contents === source ? undefined : { contents, loader: path.endsWith('ts') ? 'ts' : 'js' }
    })
  },
})

/** An import of `http` makes Node read its own client of HTTP, which nobody here asks for. To ask for the part itself does not. */
const readsNoMoreOfNode: Plugin = {
  name: 'reads no more of Node',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?https?$/ }, ({ path }) => ({ path, namespace: 'node' }))
    onLoad({ filter: /./, namespace: 'node' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
    }))
  },
}

function replaceFile(path: string, text: string): void {
  const beside = `${path}.${process.pid}`
  writeFileSync(beside, text, { flush: true })
  renameSync(beside, path)
}

/** The one before stays: a process that runs it may not have read all of it yet. */
function removeOlder(folder: string): void {
  const all = readdirSync(folder)
    .filter((name) => name.startsWith('code-'))
    .toSorted()
  for (const name of all.slice(0, -2)) rmSync(join(folder, name), { recursive: true, force: true })
}

/** Usage: node service/packing.ts CACHE. Packs the code of the process into that folder, for its next start. */
const [cache] = process.argv.slice(2)
if (cache === undefined) throw new Error('Usage: node service/packing.ts CACHE')
await pack(cache)
