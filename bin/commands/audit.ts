import { open } from 'node:fs/promises'
import {
  exportAudit,
  headLine,
  isAuditFormat,
  keptHeadFile,
  keptHeads,
  openInstallation,
  readConfig,
  verifyAudit,
  type AuditHead,
  type ChainReport,
} from '../../service/platform/index.ts'
import { text, UsageProblem, type Command, type Given, type Io } from './command.ts'

export const audit: Command = {
  name: 'audit',
  says: 'Check that nobody changed the history, or write it out',
  usage: 'audit verify [--anchor FILE|HASH]   or   audit export [--format jsonl|csv] [--out FILE]',
  help: `
verify   walks the whole history and names the first entry that was changed, taken out or put in.
         That the end was cut off shows only against a head kept elsewhere: the one in the data folder is
         always used, and --anchor names another.

  --anchor FILE    a file that names heads: the log, a mail of PHASEGATE_AUDIT_MAIL, the data folder's audit-head
  --anchor HASH    the hash of one head

export   writes every entry with what its hash is made of, for whoever wants to check it without the database.

  --format FORMAT  jsonl (a JSON object a line) or csv; jsonl unless told
  --out FILE       where to; standard output unless told

Runs on the machine of the installation, with the same PHASEGATE_DATA or DATABASE_URL, whether it runs or not.
Ends with 0 when the history is whole, else with 1.`,
  options: { anchor: { type: 'string' }, format: { type: 'string' }, out: { type: 'string' } },
  async run(given, io) {
    const [what, ...more] = given.words
    if (more.length > 0) throw new UsageProblem('Say either verify or export.')
    if (what === 'verify') return verify(given, io)
    if (what === 'export') return writeOut(given, io)
    throw new UsageProblem('Say what to do: verify or export.')
  },
}

async function verify(given: Given, io: Io): Promise<number> {
  const config = readConfig(io.env)
  const anchor = text(given, 'anchor')
  const hashes = anchor !== undefined && /^[0-9a-f]{64}$/i.test(anchor) ? [anchor.toLowerCase()] : []
  const heads = [
    ...(await keptHeads(keptHeadFile(config.dataDirectory))),
    ...(anchor === undefined || hashes.length > 0 ? [] : await headsOf(anchor)),
  ]
  const installation = await openInstallation(config)
  try {
    return tell(await verifyAudit(installation.database.db, { heads, hashes }), heads.length + hashes.length, io)
  } finally {
    await installation.close()
  }
}

async function headsOf(file: string): Promise<AuditHead[]> {
  const heads = await keptHeads(file)
  if (heads.length === 0) throw new UsageProblem(`--anchor: there is no head in ${file}, and it is no hash.`)
  return heads
}

function tell({ entries, head, erased, faults, faultCount }: ChainReport, kept: number, io: Io): number {
  const [first, ...others] = faults
  if (first !== undefined) {
    io.err(`The history is not as it was written. The first bad entry:\n  ${first.says}.`)
    if (others.length > 0) io.err(`Also:\n${others.map(({ says }) => `  ${says}.`).join('\n')}`)
    if (faultCount > faults.length) io.err(`  … and ${faultCount - faults.length} more.`)
    return 1
  }
  const against = kept === 0 ? 'no head kept elsewhere: a cut at the end would not show' : `${kept} kept`
  io.out(`The history is whole: ${entries} ${entries === 1 ? 'entry' : 'entries'}, checked against ${against}.`)
  if (erased > 0) io.out(`Personal fields of ${erased} were erased, as the history says.`)
  if (head !== null) io.out(headLine(head))
  return 0
}

async function writeOut(given: Given, io: Io): Promise<number> {
  const format = text(given, 'format') ?? 'jsonl'
  if (!isAuditFormat(format)) throw new UsageProblem('--format: give jsonl or csv.')
  const out = text(given, 'out')
  const installation = await openInstallation(readConfig(io.env))
  const file = out === undefined ? null : await open(out, 'wx', 0o600)
  try {
    for await (const line of exportAudit(installation.database.db, format)) {
      if (file === null) io.out(line.trimEnd())
      else await file.write(line)
    }
    await file?.sync()
  } finally {
    await file?.close()
    await installation.close()
  }
  if (out !== undefined) io.out(`Written to ${out}.`)
  return 0
}
