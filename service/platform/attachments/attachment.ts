/** What may be attached. Anything that a browser could run (HTML, SVG, programs) is not among them. */
export const attachmentTypes = {
  pdf: { mime: 'application/pdf', extension: 'pdf' },
  png: { mime: 'image/png', extension: 'png' },
  jpeg: { mime: 'image/jpeg', extension: 'jpg' },
  webp: { mime: 'image/webp', extension: 'webp' },
  csv: { mime: 'text/csv; charset=utf-8', extension: 'csv' },
  text: { mime: 'text/plain; charset=utf-8', extension: 'txt' },
  odt: { mime: 'application/vnd.oasis.opendocument.text', extension: 'odt' },
  ods: { mime: 'application/vnd.oasis.opendocument.spreadsheet', extension: 'ods' },
  docx: { mime: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', extension: 'docx' },
  xlsx: { mime: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', extension: 'xlsx' },
} as const
export type AttachmentType = keyof typeof attachmentTypes

export const attachmentWords = 'PDF, PNG, JPEG, WebP, CSV, plain text, ODT, ODS, DOCX or XLSX'

/** What is known of an attachment without its bytes. */
export interface Attachment {
  /** As the person's machine called it: a text to read, never a path. */
  name: string
  type: AttachmentType
  size: number
  sha256: string
}

/** Says in a sentence why a file is not taken. */
export class NotTaken extends Error {}

/** The name that a download gets: of plain letters, and with the ending of what the file really is. */
export function fileName({ name, type }: Pick<Attachment, 'name' | 'type'>): string {
  const { extension } = attachmentTypes[type]
  const base = name.replace(/\.[^.]{1,10}$/, '').replaceAll(/[^\p{L}\p{N} _-]+/gu, '-')
  return `${base.replaceAll(/^[ -]+|[ -]+$/g, '').slice(0, 80) || 'attachment'}.${extension}`
}
