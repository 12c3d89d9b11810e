import type { ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import type { Answered } from '../answered.ts'
import type { Measuring } from '../measuring/measuring.ts'

export function insertInto(
  answer: Answered,
  headers: string[],
  policy: string,
  response: ServerResponse,
  measuring: Measuring,
): Writable | null {
  return null
}
