import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { until } from './support/until.ts'

const project = fileURLToPath(new URL('..', import.meta.url))

/** Says its process id, its arguments and each signal; ends well 50 ms after the first. */
const program = `
import { appendFileSync } from 'node:fs'
const file: string = process.argv[2] ?? ''
const say = (line: string) => appendFileSync(file, line + '\\n')
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    say(signal)
    setTimeout(() => process.exit(signal === 'SIGINT' ? 7 : 0), 50)
  })
}
setInterval(() => {}, 1000)
say(process.pid + ' ' + process.argv.slice(3).join(' '))
`

describe('what npm scripts start', () => {
  let folder: string
  let count = 0
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'phasegate-launcher-'))
    await writeFile(join(folder, 'program.ts'), program)
    await writeFile(join(folder, 'fails.ts'), 'process.exitCode = 3\n')
    const scripts = { go: `node '${join(project, 'run.mjs')}' '${join(folder, 'program.ts')}'` }
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'launched', private: true, scripts }))
  })
  after(() => rm(folder, { recursive: true }))

  async function started(command: string, args: string[]) {
    const said = join(folder, `said-${(count += 1)}`)
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')))
    const child = spawn(command, [...args, said, '--new', 'http://new.example'], { cwd: folder, env, stdio: 'ignore' })
    const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
    const lines = async () => (await readFile(said, 'utf8').catch(() => '')).trim().split('\n')
    await until('it has begun', async () => (await lines())[0] !== '')
    const [pid, ...flags] = ((await lines())[0] ?? '').split(' ')
    return { child, ended, lines, flags, pid: Number(pid) }
  }
  const launched = () => started(process.execPath, [join(project, 'run.mjs'), join(folder, 'program.ts')])
  const underNpm = () => started('npm', ['run', '--silent', 'go', '--'])

  test('gets the arguments', async () => {
    const { child, ended, flags } = await underNpm()
    child.kill('SIGTERM')
    await ended
    assert.deepEqual(flags, ['--new', 'http://new.example'])
  })

  test('hears an interrupt once, and its exit code comes back', async () => {
    const { child, ended, lines } = await launched()
    child.kill('SIGINT')
    child.kill('SIGINT')
    assert.equal(await ended, 7)
    assert.deepEqual((await lines()).slice(1), ['SIGINT'])
  })

  test('hears a hang-up as a wish to end', async () => {
    const { child, ended, lines } = await launched()
    child.kill('SIGHUP')
    assert.equal(await ended, 0)
    assert.deepEqual((await lines()).slice(1), ['SIGTERM'])
  })

  test('ends well when the launcher is killed', async () => {
    const { child, lines, pid } = await launched()
    child.kill('SIGKILL')
    await until('it has ended', async () => !alive(pid))
    assert.deepEqual((await lines()).slice(1), ['SIGTERM'])
  })

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    test(`ends well when npm gets ${signal}`, async () => {
      const { child, lines, pid } = await underNpm()
      child.kill(signal)
      await until('it has ended', async () => !alive(pid))
      assert.deepEqual((await lines()).slice(1), ['SIGTERM'])
    })
  }

  test('passes on a failure', async () => {
    const child: ChildProcess = spawn(process.execPath, [join(project, 'run.mjs'), join(folder, 'fails.ts')])
    assert.equal(await new Promise((resolve) => child.once('exit', resolve)), 3)
  })
})

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
