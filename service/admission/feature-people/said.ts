import type { FeaturePreview } from './store.ts'

/** FEAT-16: each person counts once, with what they said last, however many links were made for them. */
export function whatViewersSaid(previews: readonly FeaturePreview[]): { people: number; yes: number; no: number } {
  const last = new Map<string, FeaturePreview['verdict']>()
  for (const { id, viewer, verdict } of previews) {
    // Whoever was erased has no address any more.
    const who = viewer.includes('@') ? viewer.toLowerCase() : id
    const before = last.get(who) ?? null
    last.set(who, before === null || (verdict !== null && verdict.at > before.at) ? verdict : before)
  }
  const said = (kind: 'yes' | 'no') => [...last.values()].filter((verdict) => verdict?.kind === kind).length
  return { people: last.size, yes: said('yes'), no: said('no') }
}

export function previewWords(previews: readonly FeaturePreview[]): string {
  if (previews.length === 0) return 'Nobody was given a preview link yet.'
  const { people, yes, no } = whatViewersSaid(previews)
  const given = people === 1 ? '1 person was given a link' : `${people} people were given links`
  const silent = people - yes - no
  return `${given}: ${yes} said yes, ${no} said no${silent > 0 ? `, and of ${silent} nothing is recorded` : ''}.`
}
