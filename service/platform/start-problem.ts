/** Something that keeps Phasegate from starting and that a person can put right: the message says what and how. */
export class StartProblem extends Error {
  override readonly name = 'StartProblem'
}
