import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'

const project = join(import.meta.dirname, '..')

/** What we read of it, and write to it; the rest stays as npm wrote it. */
const bill = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.string(),
  metadata: z.looseObject({ component: z.looseObject({ name: z.string(), version: z.string() }) }),
  components: z.array(
    z.looseObject({
      'bom-ref': z.string(),
      name: z.string(),
      version: z.string(),
      purl: z.string(),
      properties: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
      hashes: z.array(z.object({ alg: z.string(), content: z.string() })).optional(),
      licenses: z.array(z.looseObject({})).optional(),
    }),
  ),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()).default([]) })),
})
export type Bill = z.output<typeof bill>

/** A bill of materials (CycloneDX) of what runs, from the lockfile alone: nothing is asked of a registry. */
export function billOfMaterials(): Bill {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only', '--offline']
  const maxBuffer = 64 * 1024 * 1024
  const read = bill.parse(JSON.parse(execFileSync('npm', args, { cwd: project, encoding: 'utf8', maxBuffer })))
  // npm calls a project by its folder and a library.
  Object.assign(read.metadata.component, { name: 'phasegate', type: 'application' })
  // Its own way to leave them out also leaves out what runs and is used by one of them besides.
  const tools = new Set(read.components.filter(isTool).map((component) => component['bom-ref']))
  const isKept = (ref: string): boolean => !tools.has(ref)
  return {
    ...read,
    components: read.components.filter((component) => isKept(component['bom-ref'])),
    dependencies: read.dependencies
      .filter(({ ref }) => isKept(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(isKept) })),
  }
}

function isTool({ properties }: Bill['components'][number]): boolean {
  return properties.some(({ name, value }) => name === 'cdx:npm:package:development' && value === 'true')
}

if (process.argv[1] === import.meta.filename) {
  const path = resolve(process.argv[2] ?? 'sbom.cdx.json')
  const written = billOfMaterials()
  writeFileSync(path, `${JSON.stringify(written, null, 2)}\n`)
  console.log(`${path}: ${written.components.length} components, CycloneDX ${written.specVersion}`)
}
