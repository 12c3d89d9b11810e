import { relative } from 'node:path'
import { describe } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'

const project = fileURLToPath(new URL('../..', import.meta.url))
const files = JSON.parse(process.env['PHASEGATE_TEST_FILES'] ?? '[]') as string[]

// All files share one process, and with it the hooks that a file sets outside any group. In a group of its own, a file's
// hooks are for its own tests, and a file that cannot be loaded fails alone.
for (const file of files) {
  describe(relative(project, file), async () => {
    await import(pathToFileURL(file).href)
  })
}
