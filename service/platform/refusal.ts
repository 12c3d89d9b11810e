import { platformRefusals } from './refusals.ts'

/** `title` says what is so, `whatToDo` says what to do next; `{name}` is filled from the detail. */
interface RefusalText {
  status: number
  title: string
  whatToDo: string
}

export type RefusalTexts = Readonly<Record<string, RefusalText>>

/** The lists of what is refused, by domain: each adds its own, so that a code without words is no code. */
export interface Refusals {
  platform: typeof platformRefusals
}

type CodesOf<List> = List extends unknown ? keyof List : never
export type RefusalCode = CodesOf<Refusals[keyof Refusals]>

let texts = new Map<string, RefusalText>(Object.entries(platformRefusals))

/** Page, API and command line show the same words: those of the lists that service/refusals.ts puts together. */
export function useRefusals(lists: Refusals): void {
  const rows = Object.values(lists).flatMap((list: RefusalTexts) => Object.entries(list))
  const byCode = new Map(rows)
  if (byCode.size !== rows.length) throw new Error('A code stands twice in the files refusals.ts')
  texts = byCode
}

export function refusalCodes(): string[] {
  return [...texts.keys()]
}

export function refusalsOf(status: number): string[] {
  return [...texts].flatMap(([code, text]) => (text.status === status ? [code] : []))
}

/** A rule says no. Its code stands with its words in the list of its domain, refusals.ts. */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly detail: Record<string, string | number>

  constructor(code: RefusalCode, detail: Record<string, string | number> = {}) {
    super(code)
    this.name = 'Refusal'
    this.code = code
    this.detail = detail
  }

  get status(): number {
    return textOf(this.code).status
  }

  get title(): string {
    return fill(textOf(this.code).title, this.detail)
  }

  get whatToDo(): string {
    return fill(textOf(this.code).whatToDo, this.detail)
  }
}

function textOf(code: RefusalCode): RefusalText {
  const text = texts.get(code)
  if (text === undefined) throw new Error(`useRefusals was not called with the words of ${code}`)
  return text
}

function fill(text: string, detail: Record<string, string | number>): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(detail[name] ?? whole))
}
