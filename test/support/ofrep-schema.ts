import { readFileSync } from 'node:fs'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { parse } from 'yaml'

/**
 * The published schema of OFREP 0.3.0. It cannot accept an answer with a value: its types stand in a oneOf whose last
 * member matches everything. That one oneOf is read as anyOf, and nothing else is changed.
 */
export function ofrepSchema(name: string): ValidateFunction {
  const validate = ajv().getSchema(`ofrep#/components/schemas/${name}`)
  if (validate === undefined) throw new Error(`OFREP has no schema ${name}`)
  return validate
}

let made: Ajv2020 | undefined

function ajv(): Ajv2020 {
  if (made !== undefined) return made
  const document = parse(readFileSync(new URL('ofrep-0.3.0.openapi.yaml', import.meta.url), 'utf8')) as {
    components: { schemas: { evaluationSuccess: { allOf: { oneOf?: unknown; anyOf?: unknown }[] } } }
  }
  const values = document.components.schemas.evaluationSuccess.allOf[1]
  if (values?.oneOf === undefined) throw new Error('The oneOf of evaluationSuccess is not where it was')
  values.anyOf = values.oneOf
  delete values.oneOf
  made = new Ajv2020({ strict: false, allErrors: true })
  // The package is CommonJS: its function is the default of its default.
  const add = addFormats as unknown as { default?: (ajv: Ajv2020) => void } & ((ajv: Ajv2020) => void)
  ;(add.default ?? add)(made)
  made.addSchema({ $id: 'ofrep', ...document })
  return made
}
