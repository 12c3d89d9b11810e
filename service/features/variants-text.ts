import type { FlagValue } from '../../packages/admission/src/index.ts'

export const variantTypes = [
  { type: 'boolean', says: 'True or false' },
  { type: 'string', says: 'Text' },
  { type: 'number', says: 'Number' },
  { type: 'object', says: 'Object (JSON)' },
] as const
export type VariantType = (typeof variantTypes)[number]['type']

export function typeOfVariants(variants: Record<string, FlagValue>): VariantType {
  const type = typeof Object.values(variants)[0]
  return variantTypes.find((each) => each.type === type)?.type ?? 'boolean'
}

/** One a line, as `name = value`. */
export function writeVariants(variants: Record<string, FlagValue>): string {
  return Object.entries(variants)
    .map(([name, value]) => `${name} = ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('\n')
}

/** What stands in the form, as values of the type chosen; names the line that is none. */
export function readVariants(
  text: string,
  type: VariantType,
): { ok: true; variants: Record<string, FlagValue> } | { ok: false; message: string } {
  const variants: Record<string, FlagValue> = {}
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue
    const [, name, written] = /^\s*([^=]+?)\s*=\s*(.*?)\s*$/.exec(line) ?? []
    const place = `Line ${at + 1}`
    if (name === undefined || written === undefined) return { ok: false, message: `${place} is not “name = value”` }
    if (Object.hasOwn(variants, name)) return { ok: false, message: `${place}: ${name} is there twice` }
    const value = readValue(written, type)
    if (value === null) return { ok: false, message: `${place}: the value is not ${wanted[type]}` }
    variants[name] = value
  }
  return { ok: true, variants }
}

const wanted: Record<VariantType, string> = {
  boolean: 'true or false',
  string: 'a text',
  number: 'a number',
  object: 'a JSON object',
}

function readValue(written: string, type: VariantType): FlagValue | null {
  if (type === 'string') return written
  const value = parse(written)
  if (typeof value !== type || value === null || Array.isArray(value)) return null
  return value as FlagValue
}

function parse(written: string): unknown {
  try {
    return JSON.parse(written)
  } catch {
    return undefined
  }
}
