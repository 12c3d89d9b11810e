import { EventEmitter } from 'node:events'
import { randomUUID } from 'node:crypto'
import type { Client, Notification } from 'pg'

/** Whose rights changed: what is held in memory of it is forgotten, and its open streams close (ACC-3). */
export interface RightsOf {
  kind: 'account' | 'key'
  id: string
}

/** News for open pages and streams: something of a service changed. In this process at once, in the others by NOTIFY. */
export interface Live {
  instance: string
  changed(serviceId: string, topic: string): void
  subscribe(serviceId: string | null, listener: (serviceId: string, topic: string) => void): () => void
  /** An act of this process has been committed; it is answered when all who listen are done. */
  acted(serviceId: string, topic: string): Promise<void>
  /** They must not fail: what was committed stands. */
  onActed(listener: (serviceId: string, topic: string) => Promise<void>): void
  rightsChanged(of: RightsOf): void
  onRights(listener: (of: RightsOf) => void): void
}

export function createLive(): Live {
  const emitter = new EventEmitter().setMaxListeners(0)
  const answering: ((serviceId: string, topic: string) => Promise<void>)[] = []
  return {
    instance: randomUUID(),
    changed: (serviceId, topic) => void emitter.emit('changed', serviceId, topic),
    subscribe(wanted, listener) {
      const heard = (serviceId: string, topic: string) => {
        if (wanted === null || wanted === serviceId) listener(serviceId, topic)
      }
      emitter.on('changed', heard)
      return () => emitter.off('changed', heard)
    },
    async acted(serviceId, topic) {
      await Promise.all(answering.map((listener) => listener(serviceId, topic)))
    },
    onActed: (listener) => void answering.push(listener),
    rightsChanged: (of) => void emitter.emit('rights', of),
    onRights: (listener) => void emitter.on('rights', listener),
  }
}

/** Passes on what other processes on the same database announced. */
export async function listenToOthers(live: Live, client: Client): Promise<void> {
  client.on('notification', ({ payload }: Notification) => {
    const news = JSON.parse(payload ?? '{}') as { from?: string; service?: string; topic?: string; rights?: RightsOf }
    if (news.rights !== undefined) live.rightsChanged(news.rights)
    if (news.from !== live.instance && news.service !== undefined) live.changed(news.service, news.topic ?? 'history')
  })
  await client.query('listen phasegate_live')
}
