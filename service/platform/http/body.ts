import type { App } from './app-type.ts'
import { Refusal } from '../refusal.ts'

export const deepest = 60

/** JSON is measured before it is parsed: deep nesting ends parsers and formatters (trust.md, section 1). */
export function installBodies(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('application/json')
  app.removeContentTypeParser('text/plain')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = body as string
    if (text === '') return done(null, undefined)
    if (depth(text) > deepest) return done(new Refusal('too-deep'))
    void parse(request, text, (error, value) => (error ? done(new Refusal('not-json')) : done(null, value)))
  })
}

/** Brackets that are open at once, strings skipped. */
function depth(text: string): number {
  let open = 0
  let most = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (inString) {
      if (code === 92) i++
      else if (code === 34) inString = false
    } else if (code === 34) inString = true
    else if (code === 123 || code === 91) most = Math.max(most, ++open)
    else if (code === 125 || code === 93) open--
  }
  return most
}
