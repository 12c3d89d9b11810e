import { refusals } from './refusals.ts'

export type RefusalCode = keyof typeof refusals

/** A rule says no. Its code stands in the one documented list, refusals.ts. */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly detail: Record<string, string | number>

  constructor(code: RefusalCode, detail: Record<string, string | number> = {}) {
    super(fill(refusals[code].title, detail))
    this.name = 'Refusal'
    this.code = code
    this.detail = detail
  }

  get status(): number {
    return refusals[this.code].status
  }

  get title(): string {
    return this.message
  }

  get whatToDo(): string {
    return fill(refusals[this.code].whatToDo, this.detail)
  }
}

function fill(text: string, detail: Record<string, string | number>): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(detail[name] ?? whole))
}
