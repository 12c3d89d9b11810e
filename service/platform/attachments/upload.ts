import type { MultipartFile } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { isText } from '../http/body.ts'
import { Refusal } from '../refusal.ts'

export interface Upload {
  fields: Record<string, string | string[]>
  file: { name: string; bytes: Buffer } | null
}

/** How many files are in memory at once; the others wait unread. */
const mostAtOnce = 3
const mostWaiting = 20
let reading = 0
const waiting: (() => void)[] = []

/** A form with at most one file. The file is held whole, since it is examined before any of it is kept. */
export async function readUpload(request: FastifyRequest, mostBytes: number): Promise<Upload> {
  await turn()
  try {
    return await read(request, mostBytes)
  } catch (error) {
    if (error instanceof Refusal) throw error
    const { code } = error as { code?: string }
    if (code === 'FST_REQ_FILE_TOO_LARGE') throw new Refusal('attachment-too-large', { most: mostBytes / 1_048_576 })
    // Cut off, without a boundary, with too many parts: in every case not a form that can be read.
    throw new Refusal('invalid-request')
  } finally {
    reading--
    waiting.shift()?.()
  }
}

async function turn(): Promise<void> {
  if (waiting.length >= mostWaiting) throw new Refusal('too-many-requests')
  if (reading >= mostAtOnce) await new Promise<void>((resolve) => waiting.push(resolve))
  reading++
}

async function read(request: FastifyRequest, mostBytes: number): Promise<Upload> {
  const upload: Upload = { fields: {}, file: null }
  const limits = {
    files: 1,
    fileSize: mostBytes,
    fields: 30,
    parts: 31,
    fieldSize: 64 * 1024,
    fieldNameSize: 100,
    headerPairs: 20,
  }
  for await (const part of request.parts({ limits })) {
    if (part.type === 'file') upload.file = await fileOf(part)
    else addField(upload.fields, part.fieldname, part.value)
  }
  return upload
}

/** A browser sends an empty one without a name where nothing was chosen. */
async function fileOf(part: MultipartFile): Promise<Upload['file']> {
  const bytes = await part.toBuffer()
  const name = part.filename ?? ''
  if (!isText(name)) throw new Refusal('invalid-request')
  return name === '' && bytes.length === 0 ? null : { name, bytes }
}

/** Twice the same name is a list, which a schema for one text refuses. */
function addField(fields: Upload['fields'], name: string, value: unknown): void {
  if (typeof value !== 'string' || !isText(value) || !isText(name)) throw new Refusal('invalid-request')
  const before = Object.hasOwn(fields, name) ? fields[name] : undefined
  fields[name] = before === undefined ? value : [before, value].flat()
}
