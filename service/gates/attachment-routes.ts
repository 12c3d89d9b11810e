import { Readable } from 'node:stream'
import multipart from '@fastify/multipart'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal, type App } from '../platform/index.ts'
import { attachmentTypes, fileName, readUpload } from '../platform/attachments/index.ts'
import { attachmentParts, findAttachment } from './attachment-store.ts'
import { attachmentParams } from './schemas.ts'

type EvidenceParams = { evidence: string }

/** Where a file may come along: a part of the server of its own, since nowhere else is such a body accepted. */
export async function withUploads(app: App, routes: (app: App) => void): Promise<void> {
  await app.register(async (child) => {
    await child.register(multipart)
    routes(child)
  })
}

declare module 'fastify' {
  interface FastifyRequest {
    attached?: { name: string; bytes: Buffer } | null
  }
}

/** Turns a form with a file into the body that it would have been without, before the schema reads it. */
export async function takeUpload(request: FastifyRequest): Promise<void> {
  if (!request.isMultipart()) return
  const { fields, file } = await readUpload(request, request.context.config.attachmentBytes)
  request.body = fields
  request.attached = file
}

/** The same for the API, where what is left empty is null. */
export async function takeUploadForApi(request: FastifyRequest): Promise<void> {
  if (!request.isMultipart()) return
  await takeUpload(request)
  const given = Object.entries(request.body ?? {}).filter(([, value]) => value !== '')
  request.body = Object.fromEntries(given)
}

export function attachmentRoutes(app: App): void {
  const at = '/services/:service/evidence/:evidence/attachment'
  app.get(at, { schema: { hide: true, params: attachmentParams } }, send)
  app.get(
    `/api/v1${at}`,
    { schema: { summary: 'The file of evidence, as an attachment', tags: ['Gates'], params: attachmentParams } },
    send,
  )
}

/** IN-8: it is saved, never shown: no page of ours ever runs what somebody attached. */
async function send(request: FastifyRequest<{ Params: EvidenceParams }>, reply: FastifyReply): Promise<unknown> {
  const {
    context: ctx,
    service,
    params: { evidence },
  } = request
  const found = await findAttachment(ctx.db, service.id, evidence)
  if (found === null) throw new Refusal('not-found')
  const name = fileName(found)
  const plain = name.replaceAll(/[^\x20-\x7e]/g, '-')
  return reply
    .type(attachmentTypes[found.type].mime)
    .header('content-disposition', `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name)}`)
    .header('content-length', found.size)
    .header('content-security-policy', "default-src 'none'; sandbox")
    .header('x-content-type-options', 'nosniff')
    .header('cross-origin-resource-policy', 'same-origin')
    .header('cache-control', 'private, no-store')
    .header('repr-digest', `sha-256=:${Buffer.from(found.sha256, 'hex').toString('base64')}:`)
    .send(Readable.from(attachmentParts(ctx.db, evidence), { objectMode: false }))
}
