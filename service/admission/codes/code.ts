export interface Code {
  id: string
  kind: 'shared' | 'letter'
  name: string
  cohort: string | null
  cohortId: string | null
  rung: 'invited' | 'staff'
  mostUses: number
  used: number
  /** Only for addresses of this domain. */
  domain: string | null
  createdAt: Date
  createdBy: string
  expiresAt: Date
  revokedAt: Date | null
}

export const codeDays = 14
export const mostLetters = 500
export const requestHours = 24
