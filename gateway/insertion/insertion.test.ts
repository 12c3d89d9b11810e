import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import type { Answer } from '../../test/support/gateway.ts'
import { startGatewayRig, type GatewayRig } from '../../test/support/gateway.ts'
import { HtmlScanner } from './html-scanner.ts'

const rigs: GatewayRig[] = []
const all = { banner: true, feedbackLink: true, endQuestion: true }
async function aRig(...[options]: Parameters<typeof startGatewayRig>): Promise<GatewayRig> {
  const rig = await startGatewayRig({ ...options, config: { insert: all, ...options?.config } })
  rigs.push(rig)
  return rig
}
after(async () => {
  for (const rig of rigs) await rig.close()
})

const label = '<strong class="phasegate-label">Beta</strong>'
const plainPage =
  '<!doctype html><html><head><title>new</title></head><body class="app"><h1>new: ümläut</h1></body></html>'

function inserted(html: string, pieces = 1): string {
  const scanner = new HtmlScanner('[TOP]', '[END]')
  let out = ''
  for (let at = 0; at < html.length; at += Math.ceil(html.length / pieces)) {
    out += scanner.push(html.slice(at, at + Math.ceil(html.length / pieces)))
  }
  return out + scanner.end()
}

describe('Inserting into pages', () => {
  test('GW-30 the phase banner stands on every page of the new service, with the label of the phase [row 264]', async () => {
    const rig = await aRig()
    const cookie = rig.pass()
    for (const path of ['/', '/start', '/apply/vehicle', '/done', '/anything?else=1']) {
      const { text } = await rig.ask(path, { headers: { cookie } })
      assert.ok(text.includes(`<body class="app"><link rel="stylesheet" href="/.phasegate/inserted.css">`), text)
      assert.ok(text.includes(label))
      assert.match(text, /<button name="arm" value="current">Use the current service instead<\/button>/)
      assert.ok(text.includes(`name="return" value="${path}"`))
    }
    rig.control.publish((feed) => {
      const [service] = feed.services
      if (service !== undefined) service.phaseLabel = 'Public beta'
    })
    let text = ''
    await rig.eventually(() => {
      void rig.ask('/', { headers: { cookie } }).then((answer) => (text = answer.text))
      return text.includes('>Public beta<')
    }, 'the label of the next phase')
    assert.equal((await rig.ask('/')).text.includes('phasegate'), true)
    assert.equal((await rig.ask('/')).text.includes('phasegate-label'), false)
    rig.control.publish((feed) => {
      const [service] = feed.services
      if (service !== undefined) service.phaseLabel = null
    })
    await rig.eventually(() => {
      void rig.ask('/', { headers: { cookie } }).then((answer) => (text = answer.text))
      return !text.includes('phasegate-label')
    }, 'the page of a service that is live')
  })

  test('GW-30 nothing is inserted where nobody asked for it', async () => {
    const rig = await aRig({ config: { insert: { banner: false, feedbackLink: false, endQuestion: false } } })
    const answer = await rig.ask('/', { headers: { cookie: rig.pass() } })
    assert.equal(answer.text, plainPage)
    assert.ok(answer.headers['content-length'])
  })

  test('GW-30 the question stands at every ending, for both arms, as a form that needs no script', async () => {
    const rig = await aRig()
    for (const cookie of [rig.pass(), 'a=1']) {
      const { text } = await rig.ask('/sorry/no-car', { headers: { cookie } })
      assert.match(text, /<form[^>]* action="\/.phasegate\/feedback" method="post">/)
      assert.match(text, /name="ending" value="not-eligible"/)
      assert.match(text, /name="journey" value="apply"/)
      assert.equal(text.match(/type="radio" name="rating"/g)?.length, 5)
      assert.ok(text.includes('<script src="/.phasegate/widget.js" defer></script></body></html>'))
      assert.equal((await rig.ask('/start', { headers: { cookie } })).text.includes('name="rating"'), false)
    }
  })

  const decoders: Record<string, (body: Buffer) => Buffer> = {
    gzip: gunzipSync,
    br: brotliDecompressSync,
    deflate: inflateSync,
  }
  for (const [encoding, decode] of Object.entries(decoders)) {
    for (const how of ['', '&chunked=1']) {
      test(`GW-30 a page in ${encoding}${how === '' ? '' : ', byte by byte,'} stays in ${encoding}`, async () => {
        const rig = await aRig()
        const answer = await rig.ask(`/?encoding=${encoding}${how}`, {
          headers: { cookie: rig.pass(), 'accept-encoding': encoding },
        })
        assert.equal(answer.headers['content-encoding'], encoding)
        assert.equal(answer.headers['content-length'], undefined)
        const text = decode(answer.body).toString('utf8')
        assert.ok(text.includes(label))
        assert.ok(text.includes('<h1>new: ümläut</h1>'))
      })
    }
  }

  test('GW-31 other types, parts, fragments, scripts’ requests and 304 pass byte for byte', async () => {
    const rig = await aRig()
    const cookie = rig.pass()
    const untouched: [string, Record<string, string>][] = [
      ['/?type=application/json', {}],
      ['/?type=text/plain', {}],
      ['/?type=application/xhtml%2Bxml', {}],
      ['/?type=text/html;charset=utf-16', {}],
      ['/', { 'sec-fetch-dest': 'iframe' }],
      ['/', { 'x-requested-with': 'XMLHttpRequest' }],
      ['/', { 'hx-request': 'true' }],
      ['/?encoding=compress', {}],
    ]
    for (const [path, headers] of untouched) {
      assert.equal((await rig.ask(path, { headers: { cookie, ...headers } })).text, plainPage, path)
    }
    const fragment = await rig.ask(`/?html=${encodeURIComponent('<div>One row</div>')}`, { headers: { cookie } })
    assert.equal(fragment.text, '<div>One row</div>')
    const known = await rig.ask('/?etag=1', { headers: { cookie, 'if-none-match': '"one"' } })
    assert.equal(known.status, 304)
    assert.equal(known.text, '')
    assert.equal((await rig.ask('/?etag=1', { headers: { cookie } })).headers['etag'], undefined)
    const head: Answer = await rig.ask('/', { method: 'HEAD', headers: { cookie } })
    assert.equal(head.headers['content-length'], undefined)
  })

  test('GW-32 a strict policy of the page is kept: nothing inline, and what it forbids is left out', async () => {
    const rig = await aRig()
    const cookie = rig.pass()
    const open = await rig.ask('/done', { headers: { cookie } })
    assert.doesNotMatch(open.text, /<style|style=|<script>|onclick=/)
    const own = await rig.ask(`/done?policy=${encodeURIComponent("default-src 'self'")}`, { headers: { cookie } })
    assert.match(own.text, /inserted\.css/)
    assert.match(own.text, /widget\.js/)
    assert.equal(own.headers['content-security-policy'], "default-src 'self'")
    for (const policy of ["default-src 'none'", "script-src 'nonce-abc' 'strict-dynamic'; style-src 'sha256-abc'"]) {
      const { text } = await rig.ask(`/done?policy=${encodeURIComponent(policy)}`, { headers: { cookie } })
      assert.doesNotMatch(text, /inserted\.css|widget\.js/)
      assert.ok(text.includes(label))
      assert.match(text, /name="rating"/)
    }
  })

  test('GW-30 a person can join from a page of the current service where that is open, and come back after a choice', async () => {
    const rig = await aRig({ service: { ceiling: 'open', joinOpen: true } })
    assert.match((await rig.ask('/')).text, /action="\/.phasegate\/join".*Try the new service/s)
    const { text } = await rig.ask('/', { headers: { cookie: `${rig.pass()}; pgc_parking=current` } })
    assert.match(text, /Use the new service instead/)
  })

  test('GW-30 the style sheet, the script and its style sheet come from the service’s own host', async () => {
    const rig = await aRig()
    for (const [path, type] of [
      ['inserted.css', 'text/css'],
      ['widget.css', 'text/css'],
      ['widget.js', 'text/javascript'],
    ] as const) {
      const answer = await rig.ask(`/.phasegate/${path}`)
      assert.equal(answer.status, 200)
      assert.ok(answer.headers['content-type']?.startsWith(type))
      assert.deepEqual(answer.setCookies, [])
    }
  })

  test('GW-31 the places are found wherever the page is cut, and only the real ones', () => {
    const pages: [string, string][] = [
      ['<!doctype html><body><p>a</body>', '<!doctype html><body>[TOP]<p>a[END]</body>'],
      [
        '<html><BODY data-x="a>b" class=c>a</BODY></html>',
        '<html><BODY data-x="a>b" class=c>[TOP]a[END]</BODY></html>',
      ],
      ['<!doctype html><title>x</title><p>a', '<!doctype html><title>x</title>[TOP]<p>a[END]'],
      ['<html><head></head><p>a</html>', '<html><head></head>[TOP]<p>a[END]</html>'],
      [
        '<!doctype html><!-- <body> --><script>"<body></body>"</script><body>a<script>"</body>"</script></body>',
        '<!doctype html><!-- <body> --><script>"<body></body>"</script><body>[TOP]a<script>"</body>"</script>[END]</body>',
      ],
      [
        '<!doctype html><title></body></title><body>1 < 2 & 3</body>',
        '<!doctype html><title></body></title><body>[TOP]1 < 2 & 3[END]</body>',
      ],
      [
        "<!doctype html><body title='</body>'>it's</body>",
        "<!doctype html><body title='</body>'>[TOP]it's[END]</body>",
      ],
      [
        '<!doctype html><body> <script>1</script> <a class="skip" href="#main">Skip</a> <main>a</main></body>',
        '<!doctype html><body> <script>1</script> <a class="skip" href="#main">Skip</a> [TOP]<main>a</main>[END]</body>',
      ],
      ['<!doctype html><body> text <p>a', '<!doctype html><body> [TOP]text <p>a[END]'],
      ['<!doctype html><body><a href="/b">b</a></body>', '<!doctype html><body>[TOP]<a href="/b">b</a>[END]</body>'],
      ['\n<!-- a --><!DOCTYPE html><body>', '\n<!-- a --><!DOCTYPE html><body>[TOP][END]'],
      ['<div>a</div>', '<div>a</div>'],
      ['text <html><body>', 'text <html><body>'],
      ['{"a":"<body>"}', '{"a":"<body>"}'],
      ['<html><frameset><frame></frameset></html>', '<html><frameset><frame></frameset></html>'],
      ['', ''],
      ['<!doctype html><body>a<!-- not closed </body>', '<!doctype html><body>[TOP]a<!-- not closed </body>[END]'],
    ]
    for (const [html, expected] of pages) {
      for (const pieces of [1, 2, 3, 7, html.length || 1]) assert.equal(inserted(html, pieces), expected)
    }
  })
})
