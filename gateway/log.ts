/** The part of pino's face that the gateway uses: a detail, then a line in plain English. */
export interface Log {
  info(detail: object, line: string): void
  warn(detail: object, line: string): void
  error(detail: object, line: string): void
}

export interface Clock {
  now(): Date
}
