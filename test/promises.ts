import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisePage } from './support/promises.ts'

/** `npm run promises`: writes docs/promises.md from the list of promises and from what shows them now. */
const path = join(import.meta.dirname, '..', 'docs', 'promises.md')
writeFileSync(path, promisePage())
console.log(path)
