import type { Ceiling } from '../../packages/admission/src/index.ts'

export const stageIds = ['development', 'internal-release', 'beta-release', 'public-release', 'removal'] as const

export interface Stage {
  id: (typeof stageIds)[number]
  name: string
  /** The most that it lets in (P2). */
  ceiling: Ceiling
  /** Who gets in, in words; in a sentence they begin small. */
  opensTo: string
  /** Must every feature go through it? */
  isCompulsory: boolean
}

/** FEAT-3: a language that teams share and points to pause at; each feature chooses which of the optional ones it takes. */
export const stages: readonly Stage[] = [
  {
    id: 'development',
    name: 'Development',
    ceiling: 'preview',
    opensTo: 'People with a preview link',
    isCompulsory: false,
  },
  {
    id: 'internal-release',
    name: 'Internal release',
    ceiling: 'staff',
    opensTo: 'The whole company',
    isCompulsory: true,
  },
  {
    id: 'beta-release',
    name: 'Beta release',
    ceiling: 'invited',
    opensTo: 'Invited people and cohorts',
    isCompulsory: false,
  },
  {
    id: 'public-release',
    name: 'Public release',
    ceiling: 'open',
    opensTo: 'Anybody, by share or rule',
    isCompulsory: true,
  },
  {
    id: 'removal',
    name: 'Removal',
    ceiling: 'everyone',
    opensTo: 'Everybody, while the flag goes',
    isCompulsory: true,
  },
]

const byId = new Map(stages.map((stage) => [stage.id, stage]))

export function stageOf(id: Stage['id']): Stage {
  const stage = byId.get(id)
  if (stage === undefined) throw new Error(`There is no stage ${id}`)
  return stage
}

/** Stages of this feature that a move would jump over, forwards. */
export function skippedStages(chosen: readonly Stage['id'][], from: Stage['id'], to: Stage['id']): Stage[] {
  const passed = stageIds.slice(stageIds.indexOf(from) + 1, stageIds.indexOf(to))
  return passed.filter((id) => chosen.includes(id)).map(stageOf)
}
