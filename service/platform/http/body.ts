import { Readable } from 'node:stream'
import type { App } from './app-type.ts'
import { Refusal } from '../refusal.ts'

export const deepest = 60
/** Fields of one object, or of a form: far more than any that is taken in. Wider ones cost a second of everybody's time. */
const widest = 1_000

/** JSON is measured before it is parsed: deep nesting ends parsers and formatters (trust.md, section 1). */
export function installBodies(app: App): void {
  installTexts(app)
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('application/json')
  app.removeContentTypeParser('text/plain')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = body as string
    if (text === '') return done(null, undefined)
    const excess = excessOf(text)
    if (excess !== null) return done(new Refusal(excess))
    void parse(request, text, (error, value) => (error ? done(new Refusal(problemOf(text))) : done(null, value)))
  })
}

/** Only what could not be read is read again: who is told that good JSON is none looks for a bracket. */
function problemOf(text: string): 'not-json' | 'prototype-named' {
  try {
    JSON.parse(text)
    return 'prototype-named'
  } catch {
    return 'not-json'
  }
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** It checks its texts one by one, and says which was wrong. */
    checksTexts?: boolean
  }
}

/**
 * U+0000 and half of a surrogate pair are no text. PostgreSQL keeps neither, and its JSON columns notice late: nothing
 * that comes in may hold one.
 */
function installTexts(app: App): void {
  app.addHook('preValidation', ({ params, query, body, routeOptions }, _reply, done) => {
    if (typeof body === 'object' && body !== null && !Array.isArray(body) && Object.keys(body).length > widest)
      return done(new Refusal('too-wide'))
    if (routeOptions.config.checksTexts === true || [params, query, body].every(holdsTexts)) return done()
    done(new Refusal('invalid-request'))
  })
}

export function isText(value: string): boolean {
  return !value.includes('\u0000') && value.isWellFormed()
}

function holdsTexts(value: unknown): boolean {
  if (typeof value === 'string') return isText(value)
  // What is read as it comes is checked by whoever reads it.
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || value instanceof Readable) return true
  if (Array.isArray(value)) return value.every(holdsTexts)
  return Object.entries(value).every(([name, each]) => isText(name) && holdsTexts(each))
}

/** What is too much about a JSON text, by its brackets and colons, strings skipped. */
function excessOf(text: string): 'too-deep' | 'too-wide' | null {
  const fields: number[] = []
  let open = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (inString) {
      if (code === 92) i++
      else if (code === 34) inString = false
    } else if (code === 34) inString = true
    else if (code === 123 || code === 91) {
      if (++open > deepest) return 'too-deep'
      fields[open] = 0
    } else if (code === 125 || code === 93) open--
    else if (code === 58 && open > 0) {
      fields[open] = (fields[open] ?? 0) + 1
      if ((fields[open] ?? 0) > widest) return 'too-wide'
    }
  }
  return null
}
