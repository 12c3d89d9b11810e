import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fromFixture } from './test/from-fixture.ts'
import { outline } from './test/same-markup.ts'

const designSystem = dirname(createRequire(import.meta.url).resolve('govuk-frontend/package.json'))

interface Fixture {
  name: string
  options: unknown
  html: string
}

const fixturesOf = (component: string): Fixture[] =>
  JSON.parse(readFileSync(join(designSystem, 'dist/govuk/components', component, 'fixtures.json'), 'utf8')).fixtures

for (const [component, render] of Object.entries(fromFixture)) {
  test(`The ${component} gives the design system's own markup for every official example`, () => {
    const fixtures = fixturesOf(component)
    assert.ok(fixtures.length > 0)
    for (const { name, options, html } of fixtures) {
      assert.equal(outline(render(options).toString()), outline(html), `${component}: ${name}`)
    }
  })
}

test('The comparison of markup notices a missing attribute, another text and another order', () => {
  const markup = '<p class="a" id="b">One <b>two</b></p>'
  assert.equal(outline('<p id="b"  class="a">\n One\n<b> two </b></p>'), outline(markup))
  assert.notEqual(outline('<p class="a">One <b>two</b></p>'), outline(markup))
  assert.notEqual(outline('<p class="a" id="b">One <b>three</b></p>'), outline(markup))
  assert.notEqual(outline('<p class="a" id="b"><b>two</b> One</p>'), outline(markup))
})
