/** `breaks`: would not work behind a gateway. `handled`: would, but ours sees to it. `note`: worth knowing. `fine`: nothing to do. */
export type Severity = 'breaks' | 'note' | 'handled' | 'fine'

export interface Finding {
  check: string
  severity: Severity
  /** What is so. */
  says: string
  whatToDo?: string
}
