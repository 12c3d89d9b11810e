import { membersOf, notify, teamUrl, type Context, type Platform } from '../platform/index.ts'
import type { Links } from '../admission/index.ts'
import { featuresOf } from '../features/index.ts'
import { findServiceById } from '../services/index.ts'
import { newLink } from './actions.ts'
import { compareBetas } from './comparison.ts'
import { messageMail, reminderMail, teamMail } from './mails.ts'
import { countsOf, markMailed, nextToMail, teamToMail, testersToMail } from './message-store.ts'
import type { Place, Room } from './room.ts'
import { needsReminder } from './rules.ts'
import { dropEndedTokens, markReminded, openRooms } from './store.ts'
import { gatherUsage } from './usage.ts'

/** How many messages one turn mails to their readers. */
const mostAtOnce = 50

export function roomsJobs(platform: Platform, links: Links): void {
  const { jobs } = platform
  jobs.every('rooms-mails', 10, () => mailMessages(platform, links))
  jobs.every('rooms-reminders', 900, () => remindBuilders(platform))
  jobs.every('rooms-usage', 600, () => gatherUsage(platform))
  jobs.every('rooms-comparison', 3_600, compareBetas)
  jobs.every('rooms-ended-links', 86_400, ({ db, clock }) => dropEndedTokens(db, clock.now()))
}

/** ROOM-4: one message in one transaction with the mails of it: each is mailed once, whatever breaks off. */
async function mailMessages(platform: Platform, links: Links): Promise<void> {
  for (let count = 0; count < mostAtOnce; count++) if (!(await mailNext(platform, links))) break
  platform.mail.wake()
}

function mailNext({ db, clock, mail, config }: Platform, links: Links): Promise<boolean> {
  const at = clock.now()
  return db.transaction().execute(async (tx) => {
    const message = await nextToMail(tx)
    if (message === null) return false
    await markMailed(tx, message.id, at)
    const place = await placeOf(tx, message)
    if (place === null) return true
    for (const { memberId, address } of await testersToMail(tx, message)) {
      const link = links.to(place.service, `room/${await newLink(tx, memberId, at)}`)
      await mail.send(messageMail({ place, message, address, link }), tx)
    }
    const link = `${teamUrl({ config }, pathOf(place))}#m-${message.id}`
    for (const { address } of await teamToMail(tx, message))
      await mail.send(teamMail({ place, message, address, link }), tx)
    return true
  })
}

/** ROOM-5: the builder, or where nobody was named those who make the feature. */
async function remindBuilders(platform: Platform): Promise<void> {
  for (const room of await openRooms(platform.db)) await remind(platform, room)
  platform.mail.wake()
}

async function remind({ db, clock, mail, config }: Platform, room: Room): Promise<void> {
  const place = await placeOf(db, room)
  if (place === null) return
  const counts = await countsOf(db, room.featureId)
  const at = clock.now()
  if (!needsReminder(room, place.feature, counts, at)) return
  await db.transaction().execute(async (tx) => {
    await markReminded(tx, room.featureId, at)
    const members = await membersOf(tx, room.serviceId)
    const builders = members.filter(({ accountId, role }) =>
      room.builder === null ? role === 'developer' || role === 'service-manager' : accountId === room.builder.id,
    )
    const people = new Map(builders.map(({ accountId, email }) => [accountId, email]))
    const { unanswered } = counts
    await notify({ clock }, tx, {
      service: room.serviceId,
      accounts: [...people.keys()],
      title: `${unanswered === 1 ? 'One message waits' : `${unanswered} messages wait`} for an answer`,
      body: `In the beta room of “${place.feature.name}”. Testers who hear nothing stop writing.`,
      href: pathOf(place),
    })
    const link = teamUrl({ config }, pathOf(place))
    for (const address of people.values()) await mail.send(reminderMail({ place, unanswered, address, link }), tx)
  })
}

function pathOf({ service, feature }: Place): string {
  return `/services/${service.key}/features/${feature.key}/room`
}

async function placeOf(
  db: Context['db'] | Parameters<typeof findServiceById>[0],
  of: { serviceId: string; featureId: string },
): Promise<Place | null> {
  const service = await findServiceById(db, of.serviceId)
  if (service === null) return null
  const feature = (await featuresOf(db, service.id)).find(({ id }) => id === of.featureId)
  return feature === undefined ? null : { service, feature }
}
