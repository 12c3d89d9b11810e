import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { crc32, deflateSync } from 'node:zlib'
import { sql } from 'kysely'
import { startApp, type Client, type TestApp } from './support/app.ts'
import { launchBrowser } from './support/browser.ts'

const criterion = '/services/permit/gates/private-beta-to-public-beta/criteria/roll-out'

describe('attachments', () => {
  let app: TestApp
  let manager: Client
  before(async () => {
    app = await startApp()
    await app.aService()
    await app.aService({ key: 'other', name: 'Another service' })
    manager = await app.signIn('service-manager', 'permit')
  })
  after(() => app.close())

  const attach = async (
    name: string,
    bytes: Uint8Array<ArrayBuffer>,
    as: Client = manager,
    more: Record<string, string> = {},
  ) => {
    const form = new FormData()
    for (const [field, value] of Object.entries({
      title: `With ${name}`.slice(0, 100),
      dated: '2026-11-19',
      owner: 'A. Example',
      note: '',
      asked: '',
      url: '',
      ...more,
    }))
      form.append(field, value)
    form.append('file', new Blob([bytes], { type: 'image/png' }), name)
    const response = await fetch(`${app.url}/api/v1${criterion}/evidence`, {
      method: 'POST',
      headers: as.headers,
      body: form,
    })
    return { status: response.status, json: (await response.json()) as { id: string; code?: string; detail?: string } }
  }
  const download = async (id: string, as: Client = manager, service = 'permit') => {
    const response = await fetch(`${app.url}/services/${service}/evidence/${id}/attachment`, {
      headers: as.headers,
      redirect: 'manual',
    })
    return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) }
  }

  for (const [name, bytes, type] of [
    ['audit.pdf', pdf(), 'application/pdf'],
    ['screen.png', png(4, 3), 'image/png'],
    ['photo.jpg', jpeg(), 'image/jpeg'],
    ['shot.webp', webp(), 'image/webp'],
    ['counts.csv', text('week,people\r\n47,=1+1\r\n'), 'text/csv; charset=utf-8'],
    ['minutes.txt', text('We agreed: é, 漢字.'), 'text/plain; charset=utf-8'],
    [
      'report.odt',
      zip([
        ['mimetype', 'application/vnd.oasis.opendocument.text'],
        ['content.xml', '<a/>'],
      ]),
      'application/vnd.oasis.opendocument.text',
    ],
    [
      'plan.docx',
      zip([
        ['[Content_Types].xml', '<a/>'],
        ['word/document.xml', '<a/>'],
      ]),
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    ],
  ] as const) {
    test(`${name} is kept with its fingerprint, and saved instead of shown [promise 34]`, async () => {
      const { status, json } = await attach(name, bytes)
      assert.equal(status, 201, JSON.stringify(json))
      const got = await download(json.id)
      assert.equal(got.status, 200)
      assert.equal(got.headers.get('content-type'), type)
      assert.match(got.headers.get('content-disposition') ?? '', /^attachment; filename="/)
      assert.equal(got.headers.get('x-content-type-options'), 'nosniff')
      assert.equal(got.headers.get('content-security-policy'), "default-src 'none'; sandbox")
      const sha256 = createHash('sha256').update(got.bytes).digest('hex')
      const page = await manager.get(criterion)
      assert.ok(page.text.includes(sha256), 'the page shows the fingerprint')
      const { json: history } = await app.asAdmin.api('GET', '/api/v1/services/permit/history')
      assert.ok(history.entries.some(({ summary }: { summary: string }) => summary.includes(`“With ${name}”`)))
    })
  }

  const html = '<html><script>alert(1)</script></html>'
  for (const [says, name, bytes] of [
    ['an empty file', 'empty.pdf', new Uint8Array()],
    ['SVG', 'drawing.svg', text('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')],
    ['HTML', 'page.html', text(html)],
    ['HTML under the name of an image', 'page.png', text(html)],
    ['HTML after blank lines and a byte order mark', 'page.txt', text(`\ufeff\n\n  ${html}`)],
    ['XML', 'data.xml', text('<?xml version="1.0"?><a/>')],
    ['an image of 20,000 x 20,000 pixels', 'huge.png', png(20_000, 20_000)],
    ['an image of no pixels', 'none.png', png(0, 3)],
    ['a damaged image', 'broken.png', png(4, 3).slice(0, 40)],
    ['a program', 'run.exe', new Uint8Array([0x4d, 0x5a, 0x90, 0, 3, 0, 0, 0, 4, 0, 0, 0, 0xff, 0xff])],
    ['a PDF with a program', 'active.pdf', pdf('/OpenAction << /S /JavaScript /JS (app.alert(1)) >>')],
    ['a PDF that carries other files', 'full.pdf', pdf('/Names << /EmbeddedFiles 3 0 R >>')],
    ['a PDF that is a web page too', 'both.pdf', text(`%PDF-1.4\n${html}\n%%EOF`)],
    ['a PDF that is an archive too', 'both.pdf', joined(pdf(), zip([['a.txt', 'a']]))],
    ['an archive', 'files.zip', zip([['a.txt', 'a']])],
    [
      'an archive that climbs out of its folder',
      'slip.docx',
      zip([
        ['[Content_Types].xml', ''],
        ['word/document.xml', ''],
        ['../../etc/cron.d/x', ''],
      ]),
    ],
    [
      'an archive with an absolute path',
      'slip.docx',
      zip([
        ['[Content_Types].xml', ''],
        ['word/document.xml', ''],
        ['/etc/passwd', ''],
      ]),
    ],
    [
      'an archive with a path of Windows',
      'slip.docx',
      zip([
        ['[Content_Types].xml', ''],
        ['word/document.xml', ''],
        ['..\\..\\x', ''],
      ]),
    ],
    [
      'a document with macros',
      'macros.docx',
      zip([
        ['[Content_Types].xml', ''],
        ['word/document.xml', ''],
        ['word/vbaProject.bin', ''],
      ]),
    ],
    [
      'a document that unpacks to too much',
      'bomb.docx',
      zip([
        ['[Content_Types].xml', ''],
        ['word/document.xml', '', 4_000_000_000],
      ]),
    ],
    [
      'a document with something after its end',
      'tail.docx',
      joined(
        zip([
          ['[Content_Types].xml', ''],
          ['word/document.xml', ''],
        ]),
        text(html),
      ),
    ],
    [
      'text that is not UTF-8',
      'latin.txt',
      new Uint8Array([0x63, 0x61, 0x66, 0xe9, 0x20, 0x63, 0x61, 0x66, 0xe9, 0x20, 0x63, 0x61]),
    ],
    ['text with U+0000', 'nul.txt', text('a line, and then\0 another')],
  ] as const) {
    test(`${says} is refused with a sentence that says why [promise 34]`, async () => {
      const { status, json } = await attach(name, bytes)
      assert.equal(status, 422, JSON.stringify(json))
      assert.equal(json.code, 'attachment-not-taken')
      assert.match(json.detail ?? '', /^[A-Z].{10,}\.$/)
    })
  }

  test('What an image carries besides the picture is gone when it is saved [promise 34]', async () => {
    const secret = 'taken at 51.5007 N 0.1246 W'
    const hidden = text(`${secret}${html}`)
    for (const [name, bytes] of [
      [
        'place.png',
        png(
          4,
          3,
          [
            ['eXIf', hidden],
            ['tEXt', hidden],
            ['zzZz', hidden],
          ],
          hidden,
        ),
      ],
      ['place.jpg', jpeg(hidden)],
      ['place.webp', webp(hidden)],
    ] as const) {
      assert.ok(Buffer.from(bytes).includes(secret))
      const { status, json } = await attach(name, bytes)
      assert.equal(status, 201, JSON.stringify(json))
      const saved = (await download(json.id)).bytes
      assert.ok(!saved.includes(secret) && !saved.includes('<script'), name)
      assert.ok(await canBeDrawn(saved, name), `${name} can still be drawn`)
    }
  })

  test('A photo taken upright is seen upright, and says nothing else of where and by what it was taken', async () => {
    const secret = Buffer.from('51.5007N-0.1246W camera 4711')
    const turned = Buffer.concat([exif(6), secret])
    const photo = await drawnJpeg(4, 2)
    const app1 = Buffer.concat([Buffer.from([0xff, 0xe1, 0, turned.length + 8]), Buffer.from('Exif\0\0'), turned])
    const upright = joined(photo.subarray(0, 2), app1, photo.subarray(2))
    const saved: Record<string, Buffer> = {}
    for (const [name, bytes] of [
      ['photo.jpg', upright],
      ['photo.png', png(4, 2, [['eXIf', turned]])],
      ['photo.webp', webp(turned)],
    ] as const) {
      assert.ok(Buffer.from(bytes).includes(secret))
      const { status, json } = await attach(name, bytes)
      assert.equal(status, 201, JSON.stringify(json))
      const kept = (await download(json.id)).bytes
      assert.ok(!kept.includes(secret), name)
      assert.ok(kept.includes(Buffer.from('0112000300000001000600', 'hex')), `${name} says which way up it is`)
      saved[name] = kept
    }
    assert.deepEqual(await sizeSeen(saved['photo.jpg'] ?? Buffer.alloc(0), 'image/jpeg'), [2, 4])
    assert.deepEqual(await sizeSeen(Buffer.from(photo), 'image/jpeg'), [4, 2])
    assert.ok(await canBeDrawn(saved['photo.png'] ?? Buffer.alloc(0), 'photo.png'))
    for (const broken of [exif(0), exif(9), exif(6).subarray(0, 12), Buffer.alloc(40, 0xff), exif(6, 4_000_000_000)]) {
      const { status } = await attach('photo.png', png(4, 2, [['eXIf', broken]]))
      assert.equal(status, 201, 'what says nothing is left out')
    }
  })

  test('A name is a text: it goes nowhere as a path, and into no header as it is [promise 34]', async () => {
    const names = [
      '../../etc/passwd',
      'C:\\Windows\\x.html',
      'a"; filename="b.html',
      'one\r\nX-Two: 2.png',
      `${'x'.repeat(400)}.png`,
      '\u202egnp.exe',
      '..',
      'é 漢字.pdf',
    ]
    for (const name of names) {
      const { status, json } = await attach(name, png(2, 2))
      assert.equal(status, 201, JSON.stringify(json))
      const { headers } = await download(json.id)
      assert.match(
        headers.get('content-disposition') ?? '',
        /^attachment; filename="[^"\\/\r\n]+\.png"; filename\*=UTF-8''[\w%.-]+\.png$/,
      )
      assert.equal(headers.get('x-two'), null)
    }
  })

  test('A file above the limit is refused before it is all there, and memory stays bounded [promise 34]', async () => {
    const large = new Uint8Array(10 * 1024 * 1024 + 1).fill(65)
    const before = process.memoryUsage().rss
    for (let round = 0; round < 4; round++) {
      const answers = await Promise.all(Array.from({ length: 6 }, () => attach('large.txt', large)))
      for (const { status, json } of answers) {
        assert.equal(status, 413)
        assert.equal(json.code, 'attachment-too-large')
      }
    }
    const grown = (process.memoryUsage().rss - before) / 1024 / 1024
    assert.ok(grown < 600, `grew by ${grown} MB`)
  })

  test('A file is for those who may see the gate, and goes with its evidence [promise 34]', async () => {
    const { json } = await attach('audit.pdf', pdf())
    const stranger = await app.signIn('developer', 'other')
    assert.equal((await download(json.id, await app.signIn('assessor', 'permit'))).status, 200)
    assert.equal((await download(json.id, stranger)).status, 404)
    assert.equal((await download(json.id, stranger, 'other')).status, 404)
    assert.equal((await download(json.id, app)).status, 303)
    assert.equal((await attach('audit.pdf', pdf(), await app.signIn('viewer', 'permit'))).status, 403)
    await sql`delete from gate_evidence where id = ${json.id}`.execute(app.db)
    const { rows } = await sql`select from gate_attachment_part where evidence_id = ${json.id}`.execute(app.db)
    assert.equal(rows.length, 0)
  })

  test('Without a script, a person attaches a file by the form and saves it again [promise 34]', async () => {
    const browser = await launchBrowser()
    const context = await browser.newContext({ javaScriptEnabled: false, acceptDownloads: true })
    const [name = '', value = ''] = (manager.headers['cookie'] ?? '').split('=')
    await context.addCookies([{ name, value, url: app.url }])
    const page = await context.newPage()
    try {
      await page.goto(`${app.url}${criterion}`)
      await page.getByText('Attach evidence').click()
      await page.getByLabel('Title').fill('Audit of the new service')
      await page
        .getByLabel('File (optional)')
        .setInputFiles({ name: 'page.png', mimeType: 'image/png', buffer: Buffer.from(html) })
      await page.getByRole('button', { name: 'Attach' }).click()
      assert.match((await page.locator('.govuk-error-summary').textContent()) ?? '', /Web pages and SVG are not taken/)
      await page
        .getByLabel('File (optional)')
        .setInputFiles({ name: 'audit.pdf', mimeType: 'text/html', buffer: Buffer.from(pdf()) })
      await page.getByRole('button', { name: 'Attach' }).click()
      const saving = page.waitForEvent('download')
      await page.getByRole('link', { name: 'audit.pdf' }).first().click()
      assert.equal((await saving).suggestedFilename(), 'audit.pdf')
    } finally {
      await context.close()
    }
  })
})

/** What a camera writes of a picture: little-endian, with the way up behind another entry. */
function exif(orientation: number, firstAt = 8): Buffer {
  const tiff = Buffer.alloc(38)
  tiff.write('II', 'latin1')
  tiff.writeUInt16LE(42, 2)
  tiff.writeUInt32LE(firstAt, 4)
  tiff.writeUInt16LE(2, 8)
  tiff.set([0x0f, 0x01, 2, 0, 1, 0, 0, 0, 0x41, 0, 0, 0], 10)
  tiff.set([0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0], 22)
  return tiff
}

async function drawnJpeg(width: number, height: number): Promise<Buffer> {
  const page = await (await launchBrowser()).newPage()
  try {
    const url: string = await page.evaluate(
      `Object.assign(document.createElement('canvas'), { width: ${width}, height: ${height} }).toDataURL('image/jpeg')`,
    )
    return Buffer.from(url.split(',')[1] ?? '', 'base64')
  } finally {
    await page.close()
  }
}

async function sizeSeen(bytes: Buffer, type: string): Promise<[number, number]> {
  const page = await (await launchBrowser()).newPage()
  try {
    return await page.evaluate(
      `new Promise((seen) => {
        const image = new Image()
        image.onload = () => seen([image.naturalWidth, image.naturalHeight])
        image.onerror = () => seen([0, 0])
        image.src = 'data:${type};base64,${bytes.toString('base64')}'
      })`,
    )
  } finally {
    await page.close()
  }
}

async function canBeDrawn(bytes: Buffer, name: string): Promise<boolean> {
  // The rest of a JPEG made by hand is too little to draw; that its parts are whole is all that can be said.
  if (name.endsWith('.jpg') || name.endsWith('.webp')) return bytes.length > 20
  const page = await (await launchBrowser()).newPage()
  try {
    const url = `data:image/png;base64,${bytes.toString('base64')}`
    return await page.evaluate(
      `new Promise((drawn) => {
        const image = new Image()
        image.onload = () => drawn(image.naturalWidth > 0)
        image.onerror = () => drawn(false)
        image.src = ${JSON.stringify(url)}
      })`,
    )
  } finally {
    await page.close()
  }
}

function text(words: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(words))
}

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts))
}

function pdf(catalog = ''): Uint8Array<ArrayBuffer> {
  return text(
    `%PDF-1.4\n1 0 obj << /Type /Catalog /Pages 2 0 R ${catalog} >> endobj\n2 0 obj << /Type /Pages /Kids [] /Count 0 >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n`,
  )
}

function png(
  width: number,
  height: number,
  extra: [string, Uint8Array][] = [],
  tail: Uint8Array = new Uint8Array(),
): Uint8Array<ArrayBuffer> {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 2, 0, 0, 0], 8)
  const pixels = deflateSync(Buffer.alloc(Math.min(height, 100) * (1 + Math.min(width, 100) * 3)))
  const chunks: [string, Uint8Array][] = [['IHDR', head], ...extra, ['IDAT', pixels], ['IEND', Buffer.alloc(0)]]
  const parts = chunks.map(([type, data]) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const length = Buffer.alloc(4)
    length.writeUInt32BE(data.length)
    const check = Buffer.alloc(4)
    check.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, check])
  })
  return joined(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), ...parts, tail)
}

function jpeg(hidden: Uint8Array = new Uint8Array()): Uint8Array<ArrayBuffer> {
  const segment = (marker: number, data: Uint8Array) =>
    Buffer.concat([Buffer.from([0xff, marker, (data.length + 2) >> 8, (data.length + 2) & 255]), data])
  return joined(
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, Buffer.from('JFIF\0\x01\x01\0\0\x01\0\x01\0\0', 'latin1')),
    segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), hidden])),
    segment(0xfe, hidden),
    segment(0xc0, Buffer.from([8, 0, 1, 0, 1, 1, 1, 0x11, 0])),
    segment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])),
    Buffer.from([0x00, 0xff, 0x00, 0x12, 0xff, 0xd9]),
    hidden,
  )
}

function webp(hidden: Uint8Array = new Uint8Array()): Uint8Array<ArrayBuffer> {
  const part = (type: string, data: Uint8Array) => {
    const head = Buffer.alloc(8)
    head.write(type, 'latin1')
    head.writeUInt32LE(data.length, 4)
    return Buffer.concat([head, data, Buffer.alloc(data.length % 2)])
  }
  const body = Buffer.concat([
    part('VP8X', Buffer.from([0x0c, 0, 0, 0, 3, 0, 0, 2, 0, 0])),
    part('VP8L', Buffer.from([0x2f, 3, 0x80, 0, 0, 0, 0, 0, 0, 0])),
    part('EXIF', hidden),
    part('XMP ', hidden),
  ])
  const head = Buffer.from('RIFF....WEBP', 'latin1')
  head.writeUInt32LE(body.length + 4, 4)
  return joined(head, body, hidden)
}

/** A zip of stored files; the third part says another unpacked size than the true one. */
function zip(files: readonly (readonly [name: string, content: string, claimed?: number])[]): Uint8Array<ArrayBuffer> {
  const bodies: Buffer[] = []
  const list: Buffer[] = []
  let at = 0
  for (const [name, content, claimed] of files) {
    const data = Buffer.from(content)
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0)
    fields.writeUInt16LE(claimed === undefined ? 0 : 8, 4)
    fields.writeUInt32LE(crc32(data), 10)
    fields.writeUInt32LE(data.length, 14)
    fields.writeUInt32LE(claimed ?? data.length, 18)
    fields.writeUInt16LE(Buffer.byteLength(name), 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, Buffer.from(name), data])
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(at, 10)
    list.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\0', 'latin1'), fields, rest, Buffer.from(name)]))
    bodies.push(local)
    at += local.length
  }
  const directory = Buffer.concat(list)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(at, 16)
  return joined(...bodies, directory, end)
}
