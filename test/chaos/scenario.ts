import { fileURLToPath } from 'node:url'

/** A promise that holds when things break, and how it is tried on real processes. One file each in `scenarios/`. */
export interface Scenario {
  /** The number that the promise has among those of the house; the file's name begins with it. */
  promise: number
  /** The promise in one plain sentence. */
  title: string
  /** What has to come out, in words and figures. */
  reach: string
  /** Names of faults that can be planted in the rig. With each of them `run` must report a figure that does not hold. */
  plants: readonly string[]
  /** After this the scenario has failed, whatever it waits for. */
  limitMinutes?: number
  run(stage: Stage, plant: string | null): Promise<Outcome>
}

export interface Outcome {
  rounds: number
  figures: Figure[]
}

export interface Figure {
  says: string
  value: number
  unit: string
  holds: boolean
}

/** The fault to load into the product's process, by the names of a scenario's faults and their files in `plants/`. */
export function plantIn(files: Record<string, string>, plant: string | null): { preload?: string } {
  const file = plant === null ? undefined : files[plant]
  return file === undefined ? {} : { preload: fileURLToPath(new URL(`plants/${file}`, import.meta.url)) }
}

/** What this machine lacks to try a promise at all: thrown by `run`, told in the report, never taken for success. */
export class CannotBeTried extends Error {}

export interface Stage {
  /** A real installation: `node service/main.ts` on free ports, ready when this resolves. Throws `DidNotStart`. */
  start(options?: StartOptions): Promise<Installation>
  /** A temporary folder that goes with the scenario. The account that runs the database can reach it. */
  folder(name: string): Promise<string>
  say(line: string): void
  /** Undone when the scenario ends, also by Ctrl-C; the last first. */
  onEnd(undo: () => Promise<void> | void): void
}

export interface StartOptions {
  env?: Record<string, string>
  args?: string[]
  dataDirectory?: string
  /** A module that is loaded into the product's process before it starts: where faults are planted. */
  preload?: string
  /** The folder of the code that runs; this one unless told. */
  code?: string
}

export interface Installation {
  url: string
  gatewayUrl: string
  adminKey: string
  /** Of the process that runs now. */
  readonly pid: number
  dataDirectory: string
  /** Sends the signal and, where it ends a process, waits until it has ended. */
  kill(signal: NodeJS.Signals): Promise<void>
  /** The exit code of the process that runs now; null when a signal ended it. */
  readonly ended: Promise<number | null>
  /** Starts it again with the same settings, and waits until it is ready. */
  restart(): Promise<void>
  /** All that it wrote to its terminal. */
  output(): string
  /** The embedded PostgreSQL's process now, or null while there is none. */
  databasePid(): number | null
  /** Asks the API, with the admin key unless another is given; an answer after more than 30 s is an error. */
  api(method: string, path: string, body?: unknown, key?: string): Promise<Answer>
}

export interface Answer {
  status: number
  // oxlint-disable-next-line typescript/no-explicit-any -- what an answer holds is what a scenario asks of it
  body: any
}

/** An installation that ended before it was ready. */
export class DidNotStart extends Error {
  readonly code: number | null
  readonly output: string
  constructor(code: number | null, output: string) {
    super(`It ended with ${code} before it was ready:\n${output}`)
    this.code = code
    this.output = output
  }
}
