import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { buildWidget } from './build.ts'
import { insertedForm, widgetFiles } from './index.ts'

const files = await Promise.all(Object.values(widgetFiles).map(({ url }) => readFile(url)))

test('FEED-1 the feedback widget is at most 5 KB gzip, script and style together', () => {
  const bytes = files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0)
  assert.ok(bytes <= 5120, `${bytes} bytes`)
})

test('FEED-1 the committed files are what the source builds to', async () => {
  for (const [path, contents] of await buildWidget()) {
    assert.deepEqual(Buffer.from(contents), await readFile(path), `run: node packages/widget/build.ts (${path})`)
  }
})

test('FEED-1 the script names no other host, sets no cookie and runs under a strict content security policy', () => {
  const text = files.map(String).join('\n')
  for (const forbidden of [
    'http:',
    'https:',
    'document.cookie',
    'innerHTML',
    'eval(',
    'blob:',
    '.style.',
    'setAttribute("style"',
  ]) {
    assert.ok(!text.includes(forbidden), forbidden)
  }
})

test('FEED-2 what a page says about its journey cannot break out of the inserted form', () => {
  const form = insertedForm({ action: '/.phasegate/feedback', journey: '"><script>', ending: "a'b&c" })
  assert.ok(!form.includes('<script>'))
  assert.ok(form.includes('&quot;&gt;&lt;script&gt;'))
})
