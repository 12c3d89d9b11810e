import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Row {
  row: number
  part: string
  kind: string
  mustHold: string
  passesWhen: string
  /** A: by measured data or enforced rules; M: measured, and judged by a named person; H: a person's statement. */
  proof: 'A' | 'M' | 'H'
}

export interface TestOutcome {
  title: string
  outcome: 'passed' | 'failed' | 'skipped'
}

export interface Acceptance {
  doneByTheProduct: ProvenRow[]
  typedInByPeople: ProvenRow[]
  noProofYet: Row[]
}

interface ProvenRow extends Row {
  shownBy: string[]
}

const rowsFile = new URL('../docs/acceptance-rows.json', import.meta.url)
const titlesFile = new URL('../.phasegate/test-titles.json', import.meta.url)
const pageFile = new URL('../docs/acceptance.md', import.meta.url)

/** A row is proven when tests name it and every one of them passes. */
export function sortRows(rows: Row[], tests: TestOutcome[]): Acceptance {
  const naming = new Map<number, TestOutcome[]>()
  for (const test of tests) {
    for (const row of rowsNamedIn(test.title)) naming.set(row, [...(naming.get(row) ?? []), test])
  }
  const proven = rows.flatMap((row) => {
    const named = naming.get(row.row) ?? []
    const holds = named.length > 0 && named.every(({ outcome }) => outcome === 'passed')
    return holds ? [{ ...row, shownBy: [...new Set(named.map(({ title }) => title))] }] : []
  })
  const numbers = new Set(proven.map(({ row }) => row))
  return {
    doneByTheProduct: proven.filter(({ proof }) => proof !== 'H'),
    typedInByPeople: proven.filter(({ proof }) => proof === 'H'),
    noProofYet: rows.filter(({ row }) => !numbers.has(row)),
  }
}

/** `[row 24]`, `[rows 24, 32]` */
function rowsNamedIn(title: string): number[] {
  return [...title.matchAll(/\[rows? ([\d, ]+)\]/g)].flatMap(([, list]) => (list ?? '').split(',').map(Number))
}

export function acceptancePage({ doneByTheProduct, typedInByPeople, noProofYet }: Acceptance): string {
  const total = doneByTheProduct.length + typedInByPeople.length + noProofYet.length
  return `# Acceptance

Written by \`npm run acceptance\` from the titles of the tests that passed in the last \`npm test\`; not edited by hand.
The rows stand in [acceptance-rows.json](acceptance-rows.json). A row counts as proven when at least one test names it
(\`[row 24]\`) and every test that names it passes.

| | Rows of ${total} |
|---|---|
| Done by the product | ${doneByTheProduct.length} |
| Typed in by people (the product only keeps it) | ${typedInByPeople.length} |
| No proof yet | ${noProofYet.length} |

## Done by the product

${provenTable(doneByTheProduct)}

## Typed in by people

${provenTable(typedInByPeople)}

## No proof yet

${noProofYet.map(({ row, mustHold }) => `- ${row}: ${mustHold}`).join('\n')}
`
}

function provenTable(rows: ProvenRow[]): string {
  if (rows.length === 0) return 'None.'
  const lines = rows.map(
    ({ row, mustHold, shownBy }) => `| ${row} | ${cell(mustHold)} | ${shownBy.map(cell).join('<br>')} |`,
  )
  return ['| Row | Must hold | Shown by the test |', '|---|---|---|', ...lines].join('\n')
}

function cell(text: string): string {
  return text.replace(/\s*\[rows? [\d, ]+\]/g, '').replaceAll('|', '\\|')
}

async function main(): Promise<void> {
  const rows = JSON.parse(await readFile(rowsFile, 'utf8')) as Row[]
  const written = await readFile(titlesFile, 'utf8').catch(() => null)
  if (written === null) {
    console.error('There are no test results yet: run npm test, then npm run acceptance.')
    process.exitCode = 1
    return
  }
  const acceptance = sortRows(rows, (JSON.parse(written) as { tests: TestOutcome[] }).tests)
  await writeFile(pageFile, acceptancePage(acceptance))
  const list = (found: Row[]) => (found.length > 0 ? `: ${found.map(({ row }) => row).join(', ')}` : '')
  console.log(`Done by the product     ${acceptance.doneByTheProduct.length}${list(acceptance.doneByTheProduct)}`)
  console.log(`Typed in by people      ${acceptance.typedInByPeople.length}${list(acceptance.typedInByPeople)}`)
  console.log(`No proof yet            ${acceptance.noProofYet.length}`)
  console.log(`Written to ${fileURLToPath(pageFile)}`)
}

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) await main()
