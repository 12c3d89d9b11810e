/** What the provider for Node and the one for browsers do alike. */
export { addressOf } from './address.ts'
export { batchOf, isFinal, lossOf, trackedEvent, type Tracked, type TrackedEvent } from './tracked-event.ts'
