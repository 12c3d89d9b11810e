import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readConfig, settings } from './config.ts'
import { StartProblem } from './start-problem.ts'

test('a mistake in the configuration is told at the start, one clear line each', () => {
  const env = {
    PORT: 'many',
    PUBLIC_URL: 'beta.example.org',
    PHASEGATE_EXAMPLE: 'perhaps',
    PHASEGATE_ADMIN_KEY: 'short',
  }
  assert.throws(
    () => readConfig(env),
    (error: unknown) => {
      assert.ok(error instanceof StartProblem)
      const lines = error.message.split('\n')
      assert.deepEqual(
        lines.map((line) => line.split(':')[0]),
        ['PORT', 'PUBLIC_URL', 'PHASEGATE_EXAMPLE', 'PHASEGATE_ADMIN_KEY'],
      )
      return true
    },
  )
})

test('a flag that is not known, or an address that is none, is named with the usage', () => {
  assert.throws(() => readConfig({}, ['--curent', 'https://old.example']), /--curent[\s\S]*npm start -- --current URL/)
  assert.throws(() => readConfig({}, ['--current', 'https://old.example']), /--new: give the address/)
  assert.throws(
    () => readConfig({}, ['--current', 'old', '--new', 'https://new.example']),
    /--current: give the address/,
  )
  const { own } = readConfig({}, ['--current', 'none', '--new', 'https://new.example', '--name', 'Permits'])
  assert.deepEqual(own, { currentUrl: null, newUrl: 'https://new.example', name: 'Permits' })
})

test('the table of settings in the README is the one that is checked', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  for (const [name, { schema, says }] of Object.entries(settings)) {
    const standard = schema.safeParse(undefined).data
    assert.ok(
      readme.includes(
        `| \`${name}\` | ${standard === undefined || standard === '' ? '' : `\`${standard}\``} | ${says} |`,
      ),
      name,
    )
  }
  assert.equal(readme.match(/^\| `[A-Z_]+` \|/gm)?.length, Object.keys(settings).length)
})
