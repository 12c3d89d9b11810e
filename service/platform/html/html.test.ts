import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attributes, html, type Html, publicPage, teamPage } from './index.ts'
import { assetList, findAsset } from './assets.ts'

test('What people typed is shown as text, never as markup', () => {
  const typed = '<script>alert("1")</script> & \'quotes\''
  assert.equal(
    html`<p title="${typed}">${typed}</p>`.toString(),
    '<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;quotes&#39;">&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;quotes&#39;</p>',
  )
})

test('Markup within markup is kept, lists are joined, and nothing shows as nothing', () => {
  const items = ['a', 'b'].map((each) => html`<li>${each}</li>`)
  assert.equal(html`${items}${null}${undefined}${false}${0}`.toString(), '<li>a</li><li>b</li>0')
})

test('An object that only looks like markup is not taken for it', () => {
  const forged = { toString: () => '<b>' } as unknown as Html
  assert.equal(html`${forged}`.toString(), '&lt;b&gt;')
})

test('An attribute is escaped, and a name that is none is refused', () => {
  assert.equal(attributes({ id: 'a"b', hidden: true, title: false, lang: null }).toString(), ' id="a&quot;b" hidden')
  assert.throws(() => attributes({ 'onclick=x ': 'y' }), TypeError)
})

const team = (problems: { field: string; message: string }[]): string =>
  teamPage({ title: 'Who gets in', top: {}, navigation: [], problems }, html`<p>Text</p><input id="cap">`).toString()

test('The title of a page with problems begins with "Error", and the summary links to each field that is there', () => {
  assert.match(team([]), /<title>Who gets in – Phasegate<\/title>/)
  const page = team([{ field: 'cap', message: 'Enter a cap' }])
  assert.match(page, /<title>Error: Who gets in – Phasegate<\/title>/)
  assert.match(page, /<a href="#cap">Enter a cap<\/a>/)
  assert.match(team([{ field: 'gone', message: 'It is over' }]), /<li>It is over<\/li>/)
})

test('A public page on another host takes its style and script from below its base', () => {
  const page = publicPage(
    { title: 'Take part', serviceName: 'Parking', phaseLabel: 'Private beta', base: '/.phasegate' },
    html`<h1>Take part</h1>`,
  ).toString()
  const paths = [...page.matchAll(/(?:href|src)="([^"]*\/assets\/[^"]*)"/g)].map(([, path]) => path ?? '')
  assert.equal(paths.length, 5)
  assert.ok(paths.every((path) => path.startsWith('/.phasegate/assets/')))
})

test('The phase banner stands inside the header, where people who jump by landmarks find it', () => {
  const page = publicPage({ title: 'T', serviceName: 'S', phaseLabel: 'Private beta', base: '' }, html``).toString()
  assert.match(page.slice(page.indexOf('<header'), page.indexOf('</header>')), /govuk-phase-banner/)
})

test('Nothing is served that is not ours to serve: no font, no crest', () => {
  const css = findAsset('govuk-frontend.min.css')?.body.toString() ?? ''
  assert.ok(css.length > 100_000)
  assert.doesNotMatch(css, /@font-face|\/assets\/|crest\.svg/)
  assert.ok(assetList.every(({ path, body }) => /^\/assets\/[\w-]{16}\/[\w.-]+$/.test(path) && body.length > 0))
})
