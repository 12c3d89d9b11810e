import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The files that a browser gets. `dist` is committed, since the product starts without development tools. */
export async function buildWidget(): Promise<Map<string, Uint8Array>> {
  const { outputFiles } = await build({
    entryPoints: [here('src/widget.ts'), here('src/widget.css')],
    outdir: here('dist'),
    bundle: true,
    minify: true,
    format: 'iife',
    target: ['chrome103', 'firefox102', 'safari15.4'],
    charset: 'utf8',
    legalComments: 'none',
    write: false,
  })
  return new Map(outputFiles.map((file) => [file.path, file.contents]))
}

if (import.meta.main) {
  const { writeFile } = await import('node:fs/promises')
  for (const [path, contents] of await buildWidget()) await writeFile(path, contents)
}
