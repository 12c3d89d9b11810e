/** How the beta of a feature is opened: to whom, how far, and whether people help themselves. */
export interface Beta {
  /** ADM-63: who may be let in while the feature is in its beta release. */
  pool: Pool
  /** May people switch it on and off themselves? */
  offered: boolean
  /** What it changes, for those who decide whether to try it. */
  changes: string
  cap: number | null
  capCounts: 'people' | 'accounts'
  accounts: { id: string; name: string }[]
}

export const pools = ['staff', 'customers'] as const
export type Pool = (typeof pools)[number]

export const poolWords: Record<Pool, { name: string; says: string }> = {
  staff: {
    name: 'Staff only',
    says: 'Support and the rest of the team, who have had it since the internal release. No customer gets in, whatever else is set here',
  },
  customers: {
    name: 'Customers',
    says: 'Cohorts, accounts and people who switch it on themselves. Staff keep it',
  },
}

/** As it is until somebody opens it. */
export const noBeta: Beta = {
  pool: 'customers',
  offered: false,
  changes: '',
  cap: null,
  capCounts: 'people',
  accounts: [],
}

/** A beta as somebody sees who can switch it. */
export interface OwnBeta {
  key: string
  name: string
  description: string
  changes: string
  isOn: boolean
  /** Offered to all, else only to leave. */
  offered: boolean
  /** Testers and team talk in a room of it. */
  hasRoom: boolean
}
