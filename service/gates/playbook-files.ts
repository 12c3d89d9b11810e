import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'

export class PlaybookProblem extends Error {}

export interface PlaybookFile {
  name: string
  /** As the schema says. */
  value: unknown
}

export const builtIn = join(import.meta.dirname, '../../playbooks')

/**
 * Reads *.yaml of the folders. One that does not fit the schema is refused by name. In `memo`, a file, stands what was read of
 * texts that fitted, by their digest with the schema: to read and check them takes a tenth of a start.
 */
export function readPlaybookFiles(directories: readonly string[], memo: string | null): PlaybookFile[] {
  const schema = readFileSync(join(builtIn, 'playbook.schema.json'), 'utf8')
  const known = memo === null ? {} : readMemo(memo)
  let check: ReturnType<Ajv2020['compile']> | null = null
  const now: Memo = {}
  const files = directories.flatMap(filesIn).map(({ name, text }) => {
    const digest = createHash('sha256').update(schema).update('\0').update(text).digest('hex')
    const value = known[digest] ?? parse(text)
    if (known[digest] === undefined) {
      check ??= checkOf(schema)
      if (!check(value)) throw new PlaybookProblem(`${name} is not a playbook: ${whereIn(check.errors ?? [])}`)
    }
    now[digest] = value
    return { name, value }
  })
  if (check !== null && memo !== null) writeMemo(memo, now)
  return files
}

/** Ninety files that most starts have no use for. */
function checkOf(schema: string): ReturnType<Ajv2020['compile']> {
  const ajv = createRequire(import.meta.url)('ajv/dist/2020.js') as { Ajv2020: typeof Ajv2020 }
  return new ajv.Ajv2020({ allErrors: true, strictRequired: false }).compile(JSON.parse(schema) as object)
}

type Memo = { [digest: string]: unknown }

function readMemo(path: string): Memo {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) ?? {}) as Memo
  } catch {
    // There is none, or it was cut off: everything is read anew.
    return {}
  }
}

function writeMemo(path: string, memo: Memo): void {
  try {
    writeFileSync(`${path}.new`, JSON.stringify(memo), { mode: 0o600 })
    renameSync(`${path}.new`, path)
  } catch {
    // It only saves time: a full disk is told of elsewhere.
  }
}

function whereIn(errors: readonly { instancePath: string; message?: string }[]): string {
  return errors
    .slice(0, 5)
    .map(({ instancePath, message }) => `${instancePath || '/'} ${message}`)
    .join('; ')
}

function filesIn(directory: string): { name: string; text: string }[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.yaml'))
    .toSorted()
    .map((name) => ({ name, text: readFileSync(join(directory, name), 'utf8') }))
}
