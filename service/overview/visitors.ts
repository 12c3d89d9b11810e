import { exampleKey } from '../../example/history.ts'
import { sendVisitors, type Progress } from '../../example/visitors.ts'
import type { Admission } from '../admission/index.ts'
import { listMailFiles, Refusal, type Context } from '../platform/index.ts'
import { ceilingOf, type Service } from '../services/index.ts'

/** Visitors on their way through the gateway of an example, in this process. */
export interface Drive {
  progress: Progress
  startedAt: Date
  endedAt: Date | null
}

const drives = new Map<string, Drive>()
export const visitorsAtOnce = 50
/** Of the visitors, so many are invited first, as long as the beta is by invitation. */
const invitedOfThem = 15

export function driveOf(serviceId: string): Drive | null {
  return drives.get(serviceId) ?? null
}

/** The visitors of the example know the way through the pages of this one service. */
export const isDriven = ({ example, key }: Pick<Service, 'example' | 'key'>): boolean => example && key === exampleKey

/** Only the example is driven: real people are not to be mixed with made ones. */
export function startDrive(ctx: Context, service: Service, gatewayUrl: string, invite: Admission['invite']): void {
  if (!isDriven(service)) throw new Refusal('not-example')
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
  const drive: Drive = { progress: nobody, startedAt: ctx.clock.now(), endedAt: null }
  drives.set(service.id, drive)
  // Not awaited: the page that asked shows the progress while they are on their way.
  void send(ctx, service, drive, gatewayUrl, invite)
    .catch((error: unknown) => ctx.log.error({ err: error }, 'the visitors of the example stopped'))
    .finally(() => {
      drive.endedAt = ctx.clock.now()
      ctx.live.changed(service.id, 'visitors')
    })
}

async function send(
  ctx: Context,
  service: Service,
  drive: Drive,
  gatewayUrl: string,
  invite: Admission['invite'],
): Promise<void> {
  const seed = drive.startedAt.getTime() % 2_147_483_647
  const invitations = ceilingOf(service.phase) === 'invited' ? await inviteSome(ctx, service, seed, invite) : []
  await sendVisitors({
    gatewayUrl,
    visitors: visitorsAtOnce,
    invitations,
    seed,
    restMs: 150,
    progress(progress) {
      drive.progress = { ...progress }
      ctx.live.changed(service.id, 'visitors')
    },
  })
}

/** They get their links as everybody does: by mail, which in development is a file. */
async function inviteSome(
  ctx: Context,
  service: Service,
  seed: number,
  invite: Admission['invite'],
): Promise<string[]> {
  const addresses = Array.from({ length: invitedOfThem }, (_, n) => `visitor-${seed}-${n + 1}@example.org`)
  try {
    await invite(ctx, service, {
      addresses: addresses.join('\n'),
      cohort: 'Visitors of the example',
      overInvite: false,
    })
  } catch (error) {
    // Halted, or no place left: they come as everybody else does.
    if (error instanceof Refusal) return []
    throw error
  }
  await ctx.mail.deliverDue()
  const mails = await listMailFiles(`${ctx.config.dataDirectory}/mails`, 4 * invitedOfThem)
  const own = mails.filter(({ to }) => addresses.includes(to))
  return own.flatMap(({ text }) => /https?:\/\/\S+\/invitation\/\S+/.exec(text)?.[0] ?? [])
}
