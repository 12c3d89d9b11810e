import { publicPage, type Html } from '../../html/index.ts'
import type { Problem } from '../../problem.ts'

/** A page that belongs to no service. */
export const plain = (title: string, problems: Problem[], content: Html): Html =>
  publicPage({ title, serviceName: 'Phasegate', serviceUrl: '/', phaseLabel: null, base: '', problems }, content)

export function when(at: Date): string {
  return at.toLocaleString('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'Europe/London' })
}
