import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const project = fileURLToPath(new URL('..', import.meta.url))
const test = ['--test', '--test-isolation=none', '--test-force-exit', '--test-reporter=dot']

const checks: [name: string, program: string, ...args: string[]][] = [
  ['types', 'tsc', '--noEmit', '-p', '.'],
  ['types of the widget', 'tsc', '--noEmit', '-p', 'packages/widget'],
  ['types of the web provider', 'tsc', '--noEmit', '-p', 'packages/openfeature-web'],
  ['lint', 'oxlint', '--type-aware', '--quiet'],
  ['format', 'oxfmt', '--check'],
  ['architecture', process.execPath, ...test, 'test/architecture.test.ts'],
  ['dead code', 'knip'],
]

interface Outcome {
  name: string
  passed: boolean
  seconds: string
  said: string
}

function run([name, program, ...args]: (typeof checks)[number]): Promise<Outcome> {
  const local = join(project, 'node_modules', '.bin', program)
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const child = spawn(existsSync(local) ? local : program, args, { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    child.stdout.on('data', (chunk) => (said += chunk))
    child.stderr.on('data', (chunk) => (said += chunk))
    child.once('error', reject)
    child.once('close', (code) => {
      resolve({ name, passed: code === 0, seconds: ((performance.now() - began) / 1000).toFixed(1), said })
    })
  })
}

const outcomes = await Promise.all(checks.map(run))
for (const { name, passed, said } of outcomes) if (!passed) console.log(`\n${name}\n${said.trim()}\n`)
for (const { name, passed, seconds } of outcomes) console.log(`${passed ? '✔' : '✖'} ${name.padEnd(20)} ${seconds} s`)
process.exitCode = outcomes.every(({ passed }) => passed) ? 0 : 1
