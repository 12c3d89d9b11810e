import fc from 'fast-check'

// oxlint-disable-next-line typescript/no-explicit-any -- a JSON schema as it stands in the OpenAPI document
type Schema = any
export interface Operation {
  method: string
  path: string
  parameters: { name: string; in: 'path' | 'query'; required: boolean; schema: Schema }[]
  body: Schema
  statuses: Set<number>
}

export interface Attempt {
  operation: Operation
  path: string
  /** As it goes over the wire: null for none. */
  body: string | null
  contentType: string
  /** What is wrong with it, in words. */
  says: string
}

export function operationsOf(document: Schema): Operation[] {
  return Object.entries<Schema>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Schema>(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      parameters: operation.parameters ?? [],
      body: operation.requestBody?.content?.['application/json']?.schema ?? null,
      statuses: new Set(Object.keys(operation.responses).map(Number)),
    })),
  )
}

/** Values that have ended, misled or slowed down programs before. Raw JSON, since some cannot be written otherwise. */
export const hostile: readonly string[] = [
  'null',
  'true',
  '""',
  '" "',
  '-1',
  '0.1',
  '1e308',
  '-1e308',
  '9007199254740993',
  '2147483648',
  '[]',
  '{}',
  '[[[]]]',
  '[null]',
  '{"toString":1,"valueOf":1}',
  '{"__proto__":{"isAdmin":true}}',
  '{"constructor":{"prototype":{"isAdmin":true}}}',
  '"__proto__"',
  '"constructor"',
  String.raw`"\u0000"`,
  String.raw`"a\u0000b"`,
  String.raw`"\ud800"`,
  String.raw`"\udc00\ud800"`,
  String.raw`"\u202e\u2028\ufeff"`,
  String.raw`"one\r\nX-Injected: two"`,
  `"' or 1=1; --"`,
  String.raw`"\\'; select pg_sleep(9); --"`,
  '"%\' union select 1 --"',
  String.raw`"\"><script>alert(1)</script>"`,
  '"../../../../etc/passwd"',
  '"file:///etc/passwd"',
  '"javascript:alert(1)"',
  '"%00"',
  '"{{7*7}}${7*7}<%= 7*7 %>"',
  '"=cmd|\' /C calc\'!A0"',
  '"0000-01-01"',
  '"9999-12-31"',
  '"0000-01-01T00:00:00Z"',
  '"9999-12-31T23:59:59.999Z"',
  '"+275760-09-13T00:00:00.000Z"',
  '"2026-11-20T12:00:00.123456789012345678901234567890Z"',
  '"00000000-0000-0000-0000-000000000000"',
  JSON.stringify('a'.repeat(70_000)),
  JSON.stringify('é𝒳'.repeat(20_000)),
  `${'['.repeat(59)}${']'.repeat(59)}`,
  `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  `{${Array.from({ length: 2_000 }, (_, index) => `"k${index}":${index}`).join(',')}}`,
  `[${'0,'.repeat(20_000)}0]`,
]

/** What no answer may show: stacks, statements, files and the names of what it is made of. */
export const internals =
  /\n\s+at |\.ts:\d|node_modules|\/service\/|\bselect .{1,80} from\b|\binsert into\b|syntax error|violates|invalid input|expected \w+, received|postgres|kysely|fastify|FST_ERR|zod|ECONN|TypeError|RangeError|SyntaxError|undefined is not/i

/** Raw JSON of a value that fits the schema, with names that exist where there are any. */
export function fitting(schema: Schema, name: string, known: Record<string, string>): fc.Arbitrary<string> {
  if (name in known) return fc.constant(JSON.stringify(known[name]))
  if (schema.const !== undefined) return fc.constant(JSON.stringify(schema.const))
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum.map((each: unknown) => JSON.stringify(each)))
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined)
    return fc.oneof<fc.Arbitrary<string>[]>(
      ...choices.map((each: Schema): fc.Arbitrary<string> => fitting(each, name, known)),
    )
  switch (schema.type) {
    case 'string':
      return text(schema, name).map((each) => JSON.stringify(each))
    case 'integer':
      return fc.integer({ min: within(schema.minimum, -1000), max: within(schema.maximum, 1000) }).map(String)
    case 'number':
      return fc.integer({ min: within(schema.minimum, -1000), max: within(schema.maximum, 1000) }).map(String)
    case 'boolean':
      return fc.constantFrom('true', 'false')
    case 'null':
      return fc.constant('null')
    case 'array':
      return fc
        .array(fitting(schema.items ?? {}, '', known), {
          minLength: schema.minItems ?? 0,
          maxLength: (schema.minItems ?? 0) + 2,
        })
        .map((items) => `[${items.join(',')}]`)
    case 'object':
      return object(schema, known)
    default:
      return fc.jsonValue({ maxDepth: 2 }).map((each) => JSON.stringify(each))
  }
}

const within = (bound: number | undefined, most: number): number =>
  bound === undefined ? most : Math.max(-1e9, Math.min(1e9, Math.trunc(bound)))

function text(schema: Schema, name: string): fc.Arbitrary<string> {
  if (schema.format === 'uuid') return fc.uuid()
  if (schema.format === 'date-time')
    return fc.integer({ min: 0, max: 1e6 }).map((ms) => new Date(1.79e12 + ms).toISOString())
  if (/mail|addresses/.test(name) || /@/.test(schema.pattern ?? ''))
    return fc.constantFrom('a@example.org', 'b@example.org')
  if (/url$/i.test(name)) return fc.constantFrom('http://127.0.0.1:9', 'https://example.org/x')
  if (schema.pattern?.startsWith(String.raw`^\d{4}-`) === true) return fc.constantFrom('2026-11-20', '2026-12-24')
  if (schema.pattern !== undefined) return fc.stringMatching(new RegExp(schema.pattern))
  const most = Math.min(schema.maxLength ?? 30, 30)
  return fc.string({ minLength: Math.min(schema.minLength ?? 0, most), maxLength: most, unit: 'grapheme' })
}

function object(schema: Schema, known: Record<string, string>): fc.Arbitrary<string> {
  const properties = Object.entries<Schema>(schema.properties ?? {})
  const required = new Set<string>(schema.required ?? [])
  const fields = properties.map(([name, each]) => {
    const value = fitting(each, name, known).map((json) => `${JSON.stringify(name)}:${json}`)
    return required.has(name) ? value : fc.option(value, { nil: null })
  })
  return fc.tuple(...fields).map((all) => `{${all.filter((each) => each !== null).join(',')}}`)
}

/** At the edge of what a schema allows, on both sides of it. */
export function boundaries(schema: Schema): string[] {
  const found: string[] = []
  if (schema?.maxLength !== undefined)
    found.push(...[schema.maxLength, schema.maxLength + 1].map((n) => JSON.stringify('x'.repeat(n))))
  if (schema?.minLength > 0) found.push(JSON.stringify('x'.repeat(schema.minLength - 1)))
  for (const bound of [schema?.minimum, schema?.maximum])
    if (bound !== undefined) found.push(`${bound}`, `${bound - 1}`, `${bound + 1}`)
  if (schema?.maxItems !== undefined && schema.maxItems <= 200)
    found.push(
      `[${Array(schema.maxItems + 1)
        .fill('"x"')
        .join(',')}]`,
    )
  for (const each of schema?.anyOf ?? schema?.oneOf ?? []) found.push(...boundaries(each))
  return found
}

/** Each field of a body, by its names from the top. */
export function fieldsOf(schema: Schema, path: string[] = []): { path: string[]; schema: Schema }[] {
  if (schema?.type === 'array') return [{ path, schema }, ...fieldsOf(schema.items, [...path, '0'])]
  const inner = Object.entries<Schema>(schema?.properties ?? {}).flatMap(([name, each]) =>
    fieldsOf(each, [...path, name]),
  )
  return path.length === 0 ? inner : [{ path, schema }, ...inner]
}

/** The same JSON with another value at that place; the value goes in as raw text. */
export function withValue(json: string, path: readonly string[], raw: string): string {
  const mark = '\u0001put here\u0001'
  const whole: Schema = JSON.parse(json)
  let at: Schema = whole
  for (const [index, name] of path.entries()) {
    if (index === path.length - 1) at[name] = mark
    else at = at[name] = typeof at[name] === 'object' && at[name] !== null ? at[name] : {}
  }
  return JSON.stringify(whole).replace(JSON.stringify(mark), () => raw)
}

export function addressOf(
  operation: Operation,
  values: Record<string, string>,
  query: Record<string, string> = {},
): string {
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? 'x'))
  const asked = new URLSearchParams(query).toString()
  return asked === '' ? path : `${path}?${asked}`
}

/** One bad thing at a time: in the path, in the query, in one field of the body. Everything else fits. */
export function attempts(operation: Operation, known: Record<string, string>, seed: number): Attempt[] {
  const json = 'application/json'
  const body =
    operation.body === null ? null : (fc.sample(fitting(operation.body, '', known), { numRuns: 1, seed })[0] ?? '{}')
  const base = { operation, path: addressOf(operation, known), body, contentType: json }
  const made: Attempt[] = [{ ...base, says: 'nothing' }]
  for (const parameter of operation.parameters) {
    for (const raw of [...hostile, ...boundaries(parameter.schema)]) {
      const value = plain(raw)
      if (parameter.in === 'path' && (value === '' || value.length > 2_000)) continue
      const path =
        parameter.in === 'path'
          ? addressOf(operation, { ...known, [parameter.name]: value })
          : addressOf(operation, known, { [parameter.name]: value.slice(0, 4_000) })
      made.push({ ...base, path, says: `${parameter.name} is ${raw.slice(0, 60)}` })
    }
    if (parameter.in === 'query')
      made.push({
        ...base,
        path: `${base.path}?${parameter.name}=1&${parameter.name}=2&${parameter.name}[]=3`,
        says: `${parameter.name} comes three times`,
      })
  }
  if (body === null) return made
  for (const raw of hostile) made.push({ ...base, body: raw, says: `the body is ${raw.slice(0, 60)}` })
  for (const field of fieldsOf(operation.body)) {
    for (const raw of [...hostile, ...boundaries(field.schema)])
      made.push({
        ...base,
        body: withValue(body, field.path, raw),
        says: `${field.path.join('.')} is ${raw.slice(0, 60)}`,
      })
  }
  return made
}

/** How a value looks in an address. What cannot be encoded is left as it is written. */
function plain(raw: string): string {
  const value: unknown = raw.length > 4_000 ? 'a'.repeat(1_500) : JSON.parse(raw)
  const words = typeof value === 'string' ? value : raw
  return words.isWellFormed() ? words : 'half%ud800'
}

/** What is wrong with an answer; empty when nothing is. */
export function weaknesses(attempt: Attempt, answer: { status: number; contentType: string; text: string }): string[] {
  const { status, contentType, text } = answer
  const found: string[] = []
  if (status >= 500) found.push(`answers ${status}`)
  else if (!attempt.operation.statuses.has(status)) found.push(`answers ${status}, which is not documented`)
  if (status >= 400 && !contentType.startsWith('application/problem+json'))
    found.push(`an error of the kind ${contentType}`)
  if (status >= 400 && internals.test(text)) found.push(`shows its inside: ${internals.exec(text)?.[0]}`)
  if (status >= 400 && text.length > 20_000) found.push(`an error of ${text.length} letters`)
  return found
}
