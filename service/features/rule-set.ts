import type { Rule } from '../../packages/admission/src/index.ts'
import { Refusal } from '../platform/index.ts'
import { patternsIn } from './condition-rows.ts'
import { checkPatterns } from './patterns.ts'
import { mostRules } from './schemas.ts'

/** A rule as it is sent: one that is new has no id yet. */
export type GivenRule = Omit<Rule, 'id'> & { id?: string | undefined }

const mostNewPatterns = 5

/** FEAT-5: outside the transaction, since finding out can take seconds; what is stored already was found to be safe. */
export async function refuseWildPatterns(
  rules: readonly Pick<Rule, 'name' | 'when'>[],
  stored: readonly Rule[],
): Promise<void> {
  const known = new Set(stored.flatMap(({ when }) => patternsIn(when)))
  const patterns = rules.flatMap(({ name, when }) => patternsIn(when).map((pattern) => ({ name, pattern })))
  const fresh = patterns.filter(({ pattern }) => !known.has(pattern))
  if (fresh.length > mostNewPatterns) throw new Refusal('too-many-patterns', { most: mostNewPatterns })
  const verdicts = await checkPatterns(fresh.map(({ pattern }) => pattern))
  const bad = verdicts.findIndex((verdict) => verdict !== 'safe')
  if (bad === -1) return
  const { name = '', pattern = '' } = fresh[bad] ?? {}
  throw new Refusal(verdicts[bad] === 'unknown' ? 'pattern-unknown' : 'pattern-runs-away', { rule: name, pattern })
}

/** One rule more (with an empty id), another in its place, or one less; the others stay as they are. */
export function withRule(rules: readonly Rule[], id: string, rule: Omit<Rule, 'id'> | null): GivenRule[] {
  const at = rules.findIndex((each) => each.id === id)
  if (id !== '' && at === -1) throw new Refusal('not-found')
  const next =
    rule === null
      ? rules.filter((each) => each.id !== id)
      : id === ''
        ? [...rules, rule]
        : rules.with(at, { ...rule, id })
  if (next.length > mostRules) throw new Refusal('too-many-rules', { most: mostRules })
  return next
}
