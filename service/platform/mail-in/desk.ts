/** What is left of a mail that somebody wrote. */
export interface Letter {
  /** Its Message-ID, or a digest of it where it has none: the same for the same mail. */
  id: string
  /** The address in its From, lower case; empty where there is none. */
  from: string
  /** What the person wrote: plain text, without what was quoted and without a signature. */
  words: string
  attachments: number
}

/** Whoever mail is for; the receiver knows of no domain. All of it throws where the database is away. */
export interface MailDesk {
  /** Does the local part of an address, in lower case, lead to somebody now? */
  knows(local: string): Promise<boolean>
  /** Resolves once it is kept; false where the address leads nowhere any more. The same letter twice is one. */
  take(local: string, letter: Letter): Promise<boolean>
  /** Did this sender send too much lately? Counts. */
  isTooMuch(sender: string): boolean
}
