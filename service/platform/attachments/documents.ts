import { fromBuffer, type Entry, type ZipFile } from 'yauzl'
import { NotTaken, type AttachmentType } from './attachment.ts'

export const isPdf = (bytes: Buffer): boolean => /^%PDF-[12]\.\d/.test(bytes.toString('latin1', 0, 8))

/** Long names only: a short one would also stand by chance in compressed data. */
const activePdf = /\/(JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA)\b/
const markup = /<(!doctype|html|head|body|script|svg|iframe|object|embed|\?xml)/i

export function refusePdf(bytes: Buffer): void {
  const text = bytes.toString('latin1')
  const end = text.lastIndexOf('%%EOF')
  if (end < 0) throw new NotTaken('The PDF is damaged')
  if (!/^%%EOF[\s\0]*$/.test(text.slice(end))) throw new NotTaken('Something else stands after the end of the PDF')
  if (markup.test(text.slice(0, 1024))) throw new NotTaken('The PDF is at once a web page')
  if (activePdf.test(text))
    throw new NotTaken('The PDF holds a program, a form of that kind or other files: print it anew as a plain PDF')
}

export function refuseText(bytes: Buffer): void {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new NotTaken('This kind of file is not taken. If it is text, save it as UTF-8')
  }
  // oxlint-disable-next-line no-control-regex -- those are what no text holds
  if (/[\0-\x08\x0e-\x1f\x7f]/.test(text)) throw new NotTaken('This kind of file is not taken')
  if (text.trimStart().startsWith('<') || markup.test(text.slice(0, 1024)))
    throw new NotTaken('Web pages and SVG are not taken: attach a PDF or a picture of it')
}

export const isZip = (bytes: Buffer): boolean => bytes.readUInt32BE(0) === 0x504b0304

const mostEntries = 2_000
const mostUnpackedBytes = 200 * 1024 * 1024
const active = /(^|\/)(vba\w*\.bin|activex|embeddings|basic|scripts)(\/|$)|\.(exe|dll|js|html?|svg|jar|sh|bat|ps1)$/i
const odfTypes: Record<string, AttachmentType> = {
  'application/vnd.oasis.opendocument.text': 'odt',
  'application/vnd.oasis.opendocument.spreadsheet': 'ods',
}

/** An office document is a zip. It is never unpacked here; its list of files says what it is and what it hides. */
export async function officeType(bytes: Buffer): Promise<AttachmentType> {
  // Nothing before the first file and nothing after the list: else another program reads another archive.
  if (bytes.length < 22 || bytes.readUInt32BE(bytes.length - 22) !== 0x504b0506)
    throw new NotTaken('The document is damaged, or something else stands after its end')
  const names = await namesIn(bytes)
  if (names.some((name) => active.test(name)))
    throw new NotTaken('The document holds a program or other files: save it without macros')
  if (names.includes('[Content_Types].xml')) {
    if (names.includes('word/document.xml')) return 'docx'
    if (names.includes('xl/workbook.xml')) return 'xlsx'
  }
  // By its own rules, the first file of an ODF document is its type, uncompressed at byte 38.
  const said = Object.keys(odfTypes).find(
    (mime) => bytes.toString('latin1', 30, 38 + mime.length + 2) === `mimetype${mime}PK`,
  )
  const type = said === undefined ? undefined : odfTypes[said]
  if (type === undefined) throw new NotTaken('Archives are not taken: attach what is in it')
  return type
}

async function namesIn(bytes: Buffer): Promise<string[]> {
  const zip = await new Promise<ZipFile>((resolve, reject) => {
    fromBuffer(bytes, { lazyEntries: true, strictFileNames: true }, (error, opened) =>
      opened === undefined || opened === null ? reject(error ?? new Error('not a zip')) : resolve(opened),
    )
  }).catch(() => {
    throw new NotTaken('The document is damaged')
  })
  let unpacked = 0
  const names: string[] = []
  return new Promise((resolve, reject) => {
    const refuse = (because: string): void => {
      zip.close()
      reject(new NotTaken(because))
    }
    // A name that climbs out of its folder, or is no name, ends here.
    zip.on('error', () => refuse('The document holds a file that would be put outside its folder, or is damaged'))
    zip.on('end', () => resolve(names))
    zip.on('entry', (entry: Entry) => {
      unpacked += entry.uncompressedSize
      names.push(entry.fileName)
      const isLink = ((entry.externalFileAttributes >>> 16) & 0xf000) === 0xa000
      if (isLink) return refuse('The document holds a link to another file')
      if ((entry.generalPurposeBitFlag & 1) === 1) return refuse('The document has a password: save it without one')
      if (names.length > mostEntries || unpacked > mostUnpackedBytes) return refuse('The document unpacks to too much')
      zip.readEntry()
    })
    zip.readEntry()
  })
}
