import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readLetter } from './letter.ts'

const domain = 'replies.example.org'
const ours = 'Ann Builder in the beta room of “Map of streets”'

/** A mail as it comes over the wire. */
function mail(headers: readonly string[], body: string): Buffer {
  return Buffer.from([...['From: Ben <Ben@example.org>', ...headers], '', body].join('\n').replaceAll('\n', '\r\n'))
}

const plain = 'Content-Type: text/plain; charset=utf-8'
const html = 'Content-Type: text/html; charset=utf-8'

async function wordsOf(headers: readonly string[], body: string): Promise<string | undefined> {
  return (await readLetter(mail(headers, body), domain))?.words
}

/** Shapes as programs write them; the words are made up. */
const shapes: [program: string, headers: string[], body: string, words: string][] = [
  [
    'Gmail',
    [plain],
    `It works now.

Thank you!

On Fri, 20 Nov 2026 at 12:00, Phasegate <phasegate@example.org> wrote:

> Ann Builder wrote:
>
> Try again
>
> Answer by replying to this mail
`,
    'It works now.\n\nThank you!',
  ],
  [
    'Gmail, with an attribution that it broke into two lines',
    [plain],
    `It works now.

On Fri, 20 Nov 2026 at 12:00, Phasegate of the parking service <
phasegate@example.org> wrote:

> Ann Builder wrote:
> Try again
`,
    'It works now.',
  ],
  [
    'Gmail in German',
    [plain],
    `Jetzt geht es.

Am Fr., 20. Nov. 2026 um 12:00 Uhr schrieb Phasegate <phasegate@example.org>:

> Ann Builder wrote:
> Try again
`,
    'Jetzt geht es.',
  ],
  [
    'Outlook on a desktop',
    [plain],
    `It works now.

Kind regards
Ben

From: Phasegate <phasegate@example.org>
Sent: Friday, November 20, 2026 12:00 PM
To: Ben <ben@example.org>
Subject: ${ours}

Ann Builder wrote:

Try again
`,
    'It works now.\n\nKind regards\nBen',
  ],
  [
    'Outlook in French, below a line',
    [plain],
    `Cela marche.

________________________________
De : Phasegate <phasegate@example.org>
Envoyé : vendredi 20 novembre 2026 12:00
À : Ben <ben@example.org>
Objet : ${ours}

Ann Builder wrote:
`,
    'Cela marche.',
  ],
  [
    'an older Outlook',
    [plain],
    `It works now.

-----Original Message-----
From: Phasegate [mailto:phasegate@example.org]
Sent: Friday, November 20, 2026 12:00 PM
To: Ben

Try again
`,
    'It works now.',
  ],
  [
    'Apple Mail',
    [plain],
    `It works now.

Sent from my iPhone

> On 20 Nov 2026, at 12:00, Phasegate <phasegate@example.org> wrote:
>
> Ann Builder wrote:
`,
    'It works now.',
  ],
  [
    'Thunderbird, with words between and below what is quoted, and a signature',
    [`${plain}; format=flowed`],
    `On 20/11/2026 12:00, Phasegate wrote:
> Ann Builder wrote:
>
> Which browser is it?

Firefox.

> And does it find your street?

Yes, it does.

-- 
Ben Example
12 Some Street
`,
    'Firefox.\n\nYes, it does.',
  ],
  [
    'a plain program that quotes without a mark',
    [plain],
    `It works now.

On Fri, 20 Nov 2026 at 12:00, Phasegate <phasegate@example.org> wrote:

Ann Builder wrote:

Try again
`,
    'It works now.',
  ],
  [
    'words alone, with a colon at an end',
    [plain],
    `Three things:\nfirst: the map\nsecond: the list`,
    'Three things:\nfirst: the map\nsecond: the list',
  ],
  [
    'HTML of Gmail',
    [html],
    `<div dir="ltr">It works &lt;now&gt;.<div><br></div><div>Thank you!</div></div><br>
<div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On Fri, 20 Nov 2026 at 12:00, Phasegate &lt;<a href="mailto:phasegate@example.org">phasegate@example.org</a>&gt; wrote:<br></div><blockquote class="gmail_quote">Ann Builder wrote:</blockquote></div>`,
    'It works <now>.\n\nThank you!',
  ],
  [
    'HTML of Outlook',
    [html],
    `<html><head><style>p {margin: 0}</style></head><body><div class="elementToProof">It works now.</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> Phasegate</div><div>Ann Builder wrote: try again</div></body></html>`,
    'It works now.',
  ],
  [
    'HTML of Outlook on a desktop',
    [html],
    `<body><div><p class="MsoNormal">It works now.</p><p class="MsoNormal">&nbsp;</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p class="MsoNormal"><b>From:</b> Phasegate &lt;phasegate@example.org&gt;<br><b>Sent:</b> Friday, November 20, 2026 12:00 PM<br><b>To:</b> Ben<br><b>Subject:</b> Map</p></div></div><p>Ann Builder wrote:</p></div></body>`,
    'It works now.',
  ],
  [
    'HTML of Apple Mail',
    [html],
    `<html><body>It works now.<br><div><br><blockquote type="cite"><div>On 20 Nov 2026, at 12:00, Phasegate wrote:</div><div>Ann Builder wrote:</div></blockquote></div></body></html>`,
    'It works now.',
  ],
  [
    'HTML of Thunderbird',
    [html],
    `<html><body><p>It works now.</p><div class="moz-cite-prefix">On 20/11/2026 12:00, Phasegate wrote:<br></div><blockquote type="cite">Ann Builder wrote:</blockquote><div class="moz-signature">-- <br>Ben</div></body></html>`,
    'It works now.',
  ],
  [
    'HTML that would run in a page',
    [html],
    `<p>It works<script>alert(1)</script> now.</p><template>no</template><img src=x onerror=alert(1)>`,
    'It works now.',
  ],
]

describe('what somebody wrote in a mail', () => {
  for (const [program, headers, body, words] of shapes) {
    test(`ROOM-15 what was quoted and the signature go: ${program}`, async () => {
      assert.equal(await wordsOf(headers, body), words)
    })
  }

  test('ROOM-15 plain text is taken before HTML, and is read in the characters it was written in', async () => {
    const both = `--b
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Stra=DFe gefunden
--b
Content-Type: text/html

<p>Something else</p>
--b--
`
    assert.equal(await wordsOf(['Content-Type: multipart/alternative; boundary=b'], both), 'Straße gefunden')
  })

  test('ROOM-15 files are counted and left out; a picture in a signature is none', async () => {
    const withFiles = `--b
Content-Type: text/plain

See the picture
--b
Content-Type: image/png; name=a.png
Content-Disposition: attachment; filename=a.png
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--b
Content-Type: message/rfc822

Subject: Another

Its words
--b--
`
    const letter = await readLetter(mail(['Content-Type: multipart/mixed; boundary=b'], withFiles), domain)
    assert.deepEqual([letter?.words, letter?.attachments], ['See the picture', 2])
    const withLogo = `--b
Content-Type: text/html

<p>It works</p><img src="cid:logo">
--b
Content-Type: image/png
Content-ID: <logo>
Content-Disposition: inline

x
--b--
`
    const related = await readLetter(mail(['Content-Type: multipart/related; boundary=b'], withLogo), domain)
    assert.deepEqual([related?.words, related?.attachments], ['It works', 0])
  })

  for (const header of [
    'Auto-Submitted: auto-replied',
    'Auto-Submitted: auto-generated (vacation)',
    'Precedence: bulk',
    'Precedence: Junk',
    'Precedence: list',
    'List-Id: <all.example.org>',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
    `Message-ID: <room.${'0a'.repeat(16)}@${domain}>`,
  ]) {
    test(`ROOM-16 what no person wrote is nothing to answer: ${header.replace(/<.*/, 'one of ours')}`, async () => {
      assert.equal(await readLetter(mail([header], 'I am away'), domain), null)
    })
  }

  test('ROOM-16 a person’s mail may say that it is no automatic one', async () => {
    const letter = await readLetter(
      mail(['Auto-Submitted: no', 'Message-ID: <1@example.org>', plain], 'It works'),
      domain,
    )
    assert.deepEqual(letter, { id: '<1@example.org>', from: 'ben@example.org', words: 'It works', attachments: 0 })
  })

  test('ROOM-16 of mails that are made to be large or deep so much is read as somebody writes', async () => {
    assert.equal((await wordsOf([plain], `${'On a '.repeat(100_000)}:\n${'>'.repeat(200_000)}`))?.length, 199_999)
    assert.match((await wordsOf([plain], `It works\n${'a:\n'.repeat(100_000)}`)) ?? '', /^It works\n/)
    assert.equal(await wordsOf([html], `${'<div>'.repeat(20_000)}deep`), '')
    assert.equal((await wordsOf([html], '<b>a</b>'.repeat(50_000)))?.length, 50_000)
    await assert.rejects(readLetter(mail([`X-Long: ${'x'.repeat(200_000)}`], ''), domain))
    const nested = Array.from(
      { length: 40 },
      (_, at) => `Content-Type: multipart/mixed; boundary=b${at}\n\n--b${at}\n`,
    ).join('')
    await assert.rejects(readLetter(Buffer.from(nested), domain))
  })
})
