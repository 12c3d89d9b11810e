import { longMomentWords } from '../../date-words.ts'
import { publicPage, type Html } from '../../html/index.ts'
import type { Problem } from '../../problem.ts'

/** A page that belongs to no service. */
export const plain = (title: string, problems: Problem[], content: Html): Html =>
  publicPage({ title, serviceName: 'Phasegate', serviceUrl: '/', phaseLabel: null, base: '', problems }, content)

export function when(at: Date): string {
  return longMomentWords(at, 'Europe/London')
}
