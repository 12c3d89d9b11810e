import { createHash } from 'node:crypto'
import { NotTaken, attachmentWords, type Attachment, type AttachmentType } from './attachment.ts'
import { isPdf, isZip, officeType, refusePdf, refuseText } from './documents.ts'
import { isJpeg, isPng, isWebp, rewriteJpeg, rewritePng, rewriteWebp } from './images.ts'

export interface Examined extends Attachment {
  bytes: Buffer
}

/** IN-7: what a file is, by its bytes alone; what its name or its sender says of it counts for nothing. */
export async function examine(file: { name: string; bytes: Buffer }): Promise<Examined> {
  const { type, bytes } = await typed(file)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { name: nameOf(file.name), type, size: bytes.length, sha256, bytes }
}

async function typed({
  name,
  bytes,
}: {
  name: string
  bytes: Buffer
}): Promise<{ type: AttachmentType; bytes: Buffer }> {
  if (bytes.length === 0) throw new NotTaken('The file is empty')
  if (bytes.length < 12 && !isReadable(bytes))
    throw new NotTaken(`This kind of file is not taken: attach ${attachmentWords}`)
  if (isPng(bytes)) return { type: 'png', bytes: rewritePng(bytes) }
  if (isJpeg(bytes)) return { type: 'jpeg', bytes: rewriteJpeg(bytes) }
  if (isWebp(bytes)) return { type: 'webp', bytes: rewriteWebp(bytes) }
  if (isPdf(bytes)) {
    refusePdf(bytes)
    return { type: 'pdf', bytes }
  }
  if (bytes.length >= 4 && isZip(bytes)) return { type: await officeType(bytes), bytes }
  refuseText(bytes)
  return { type: /\.csv$/i.test(name) ? 'csv' : 'text', bytes }
}

const isReadable = (bytes: Buffer): boolean => /^[\x20-\x7e\s]*$/.test(bytes.toString('latin1'))

/** What follows the last slash of either kind, without what a page or a terminal would act on. */
function nameOf(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? ''
  return (
    last
      .replaceAll(/[\p{Cc}\p{Cf}]/gu, '')
      .trim()
      .slice(0, 200) || 'attachment'
  )
}
