import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'
import { startApp, type TestApp } from './support/app.ts'

const project = fileURLToPath(new URL('..', import.meta.url))

/** Files whose schemas read what the installation itself wrote or brings along. */
const ownFiles = /^service\/(platform\/config|measures\/kpis|gates\/(load-playbooks|playbook))\.ts$/
/** Not read but written: what goes out ends where what came in did. */
const answers: Record<string, readonly string[]> = {
  'service/measures/routes.ts': ['refused', 'id', 'detail', 'index', 'stored', 'repeated'],
}

describe('limits', () => {
  let app: TestApp
  // oxlint-disable-next-line typescript/no-explicit-any -- an OpenAPI document
  let document: any
  before(async () => {
    app = await startApp()
    document = (await app.api('GET', '/api/v1/openapi.json')).json
  })
  after(() => app.close())

  test('Every operation says how it answers, and an event is described field by field', () => {
    const successes = (operation: { responses: object }) =>
      Object.keys(operation.responses).filter((each) => each < '300')
    for (const [path, methods] of Object.entries<Record<string, never>>(document.paths)) {
      for (const [method, operation] of Object.entries<any>(methods))
        assert.ok([1, 2].includes(successes(operation).length), `${method} ${path}`)
    }
    const { post } = document.paths['/api/v1/events']
    assert.deepEqual(successes(post), ['200'])
    const { items } = post.requestBody.content['application/json'].schema.properties.events
    assert.deepEqual(items.required, ['id', 'time', 'service', 'name'])
    assert.ok('transaction' in items.properties)
  })

  test('Every text, list and number that the API takes has an end [promise 29]', () => {
    const found: string[] = []
    for (const [path, methods] of Object.entries<Record<string, never>>(document.paths)) {
      for (const [method, operation] of Object.entries<any>(methods)) {
        const named = new Set((operation.parameters ?? []).map(({ name }: { name: string }) => name))
        for (const [, name] of path.matchAll(/\{(\w+)\}/g))
          if (!named.has(name)) found.push(`${method} ${path}: ${name} is not described`)
        for (const { name, schema } of operation.parameters ?? [])
          found.push(...endless(schema, `${method} ${path} ${name}`))
        for (const { schema } of Object.values<any>(operation.requestBody?.content ?? {}))
          found.push(...endless(schema, `${method} ${path}`))
      }
    }
    assert.deepEqual(found, [])
  })

  test('Every schema in the code gives its texts, lists and numbers an end, forms too [promise 29]', async () => {
    const found: string[] = []
    let seen = 0
    for await (const path of glob('service/**/*.ts', { cwd: project })) {
      if (path.endsWith('.test.ts') || ownFiles.test(path)) continue
      const chains = chainsIn(await readFile(join(project, path), 'utf8'), path)
      seen += chains.length
      const outgoing = answers[path] ?? []
      found.push(
        ...chains
          .filter((chain) => !hasEnd(chain) && !outgoing.includes(chain.field))
          .map(({ root, field, line }) => `${path}:${line} ${field}: z.${root}() has no end`),
      )
    }
    assert.ok(seen > 100, `only ${seen} schemas were seen`)
    assert.deepEqual(found, [])
  })

  test('A schema without an end is noticed', () => {
    const planted = `const form = z.object({ a: z.string(), b: z.string().regex(/^a+$/), c: z.array(z.string().max(3)), d: z.coerce.number().min(1) })`
    assert.deepEqual(
      chainsIn(planted, 'planted.ts')
        .filter((chain) => !hasEnd(chain))
        .map(({ field }) => field),
      ['a', 'b', 'c', 'd'],
    )
    assert.equal(endless({ type: 'object', properties: { a: { type: 'string' } } }, 'x').length, 1)
  })
})

// oxlint-disable-next-line typescript/no-explicit-any -- a JSON schema
function endless(schema: any, at: string): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const found: string[] = []
  const says = (what: string) => found.push(`${at}: ${what}`)
  const isNamed = schema.enum !== undefined || schema.const !== undefined
  if (schema.type === 'string' && !isNamed && schema.maxLength === undefined && !isBounded(schema.pattern))
    says('a text without an end')
  if (schema.type === 'array' && schema.maxItems === undefined) says('a list without an end')
  const hasBounds =
    (schema.maximum ?? schema.exclusiveMaximum) !== undefined &&
    (schema.minimum ?? schema.exclusiveMinimum) !== undefined
  if ((schema.type === 'number' || schema.type === 'integer') && !isNamed && !hasBounds) says('a number without an end')
  for (const [name, each] of Object.entries(schema.properties ?? {})) found.push(...endless(each, `${at}.${name}`))
  for (const each of [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])])
    found.push(...endless(each, at))
  return [...found, ...endless(schema.items, `${at}[]`)]
}

/** A pattern that is held at both sides and repeats nothing without a number. */
function isBounded(pattern: string | undefined): boolean {
  if (pattern === undefined || !/^\^[^]*\$$/.test(pattern)) return false
  const bare = pattern.replaceAll(/\\./g, 'x').replaceAll(/\[[^\]]*\]/g, 'x')
  return !/[*+]|\{\d+,\}/.test(bare)
}

interface Chain {
  root: 'string' | 'array' | 'number'
  /** The name of the property that it stands at. */
  field: string
  names: string[]
  pattern: string | undefined
  line: number
}

function hasEnd({ root, names, pattern }: Chain): boolean {
  if (root === 'number')
    return (
      names.includes('max') && (names.includes('min') || names.includes('positive') || names.includes('nonnegative'))
    )
  if (names.includes('max') || names.includes('length')) return true
  return root === 'string' ? isBounded(pattern) : names.includes('meta')
}

/** Each `z.string().trim()…` of a file, with the names of everything that is called on it. */
function chainsIn(source: string, path: string): Chain[] {
  const { program } = parseSync(path, source)
  const found: Chain[] = []
  const done = new Set<object>()
  // oxlint-disable-next-line typescript/no-explicit-any -- a node of a syntax tree
  const walk = (node: any, field: string): void => {
    if (typeof node !== 'object' || node === null) return
    if (Array.isArray(node)) return node.forEach((each) => walk(each, field))
    if (node.type === 'CallExpression') read(node, field)
    const own =
      node.type === 'Property'
        ? (node.key?.name ?? field)
        : node.type === 'VariableDeclarator'
          ? (node.id?.name ?? field)
          : field
    for (const [key, each] of Object.entries(node)) if (key !== 'parent') walk(each, own)
  }
  // oxlint-disable-next-line typescript/no-explicit-any -- a node of a syntax tree
  const read = (call: any, field: string): void => {
    const names: string[] = []
    let pattern: string | undefined
    let at = call
    while (at?.type === 'CallExpression' && at.callee?.type === 'MemberExpression') {
      const name: string = at.callee.property?.name
      const { object } = at.callee
      const isRoot =
        (object.type === 'Identifier' && object.name === 'z') ||
        (object.type === 'MemberExpression' && object.object?.name === 'z')
      if (isRoot) {
        const isOne = name === 'string' || name === 'array' || name === 'number'
        if (isOne && !done.has(at))
          found.push({ root: name, field, names, pattern, line: source.slice(0, at.start).split('\n').length })
        done.add(at)
        return
      }
      if (name === 'regex') pattern = at.arguments[0]?.regex?.pattern
      names.push(name)
      // `z.string().array()` and the like are told by the list that they make.
      at = object
    }
  }
  walk(program, '')
  return found
}
