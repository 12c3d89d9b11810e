import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const projectFolder = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/**
 * Where Phasegate keeps its data unless PHASEGATE_DATA says otherwise. Root gets a folder outside the project,
 * because PostgreSQL then runs as another account, which may not be able to reach the project.
 */
export function defaultDataDirectory(project = projectFolder, root = process.getuid?.() === 0): string {
  if (!root) return join(project, '.phasegate')
  return join('/var/lib/phasegate', createHash('sha256').update(project).digest('hex').slice(0, 12))
}
