import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** `npm run bench -- start`: from the command to the first line that says where to look. */
const main = fileURLToPath(new URL('../service/main.ts', import.meta.url))
const rounds = 3

async function startOnce(dataDirectory: string): Promise<{ readyMs: number; stopMs: number }> {
  const began = performance.now()
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env.PATH ?? '', PHASEGATE_DATA: dataDirectory, PORT: '0', GATEWAY_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  await new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      if (text.includes('Phasegate is running.')) resolve()
    })
  })
  const readyMs = performance.now() - began
  const stopping = performance.now()
  child.kill('SIGTERM')
  await once(child, 'exit')
  return { readyMs, stopMs: performance.now() - stopping }
}

const rows: string[] = []
for (let round = 1; round <= rounds; round++) {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'phasegate-bench-'))
  const first = await startOnce(dataDirectory)
  const next = await startOnce(dataDirectory)
  rows.push(`| ${round} | ${seconds(first.readyMs)} | ${seconds(next.readyMs)} | ${seconds(next.stopMs)} |`)
  rmSync(dataDirectory, { recursive: true, force: true })
}
console.log('| round | first start, with database and 47 days of history | next start | stop |\n|---|---|---|---|')
console.log(rows.join('\n'))

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`
}
