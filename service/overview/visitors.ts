import { sendVisitors, type Progress } from '../../example/visitors.ts'
import { Refusal, type Live, type Platform } from '../platform/index.ts'
import type { Service } from '../services/index.ts'

/** Visitors on their way through the gateway of an example, in this process. */
export interface Drive {
  progress: Progress
  startedAt: Date
  endedAt: Date | null
}

const drives = new Map<string, Drive>()
export const visitorsAtOnce = 50

export function driveOf(serviceId: string): Drive | null {
  return drives.get(serviceId) ?? null
}

/** Only an example is driven: real people are not to be mixed with made ones. */
export function startDrive(
  platform: Pick<Platform, 'clock' | 'log'>,
  live: Live,
  service: Service,
  gatewayUrl: string,
): void {
  if (!service.example) throw new Refusal('not-example')
  const running = drives.get(service.id)
  if (running !== undefined && running.endedAt === null) throw new Refusal('visitors-under-way')
  const nobody = {
    sent: 0,
    of: visitorsAtOnce,
    arms: { current: 0, new: 0 },
    completed: 0,
    refused: 0,
    failed: 0,
    left: 0,
    ratings: 0,
  }
  const drive: Drive = { progress: nobody, startedAt: platform.clock.now(), endedAt: null }
  drives.set(service.id, drive)
  const tell = (progress: Progress) => {
    drive.progress = { ...progress }
    live.changed(service.id, 'visitors')
  }
  // Not awaited: the page that asked shows the progress while they are on their way.
  void sendVisitors({
    gatewayUrl,
    visitors: visitorsAtOnce,
    seed: drive.startedAt.getTime() % 2_147_483_647,
    restMs: 150,
    progress: tell,
  })
    .catch((error: unknown) => platform.log.error({ err: error }, 'the visitors of the example stopped'))
    .finally(() => {
      drive.endedAt = platform.clock.now()
      live.changed(service.id, 'visitors')
    })
}
