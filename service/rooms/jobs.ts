import { allows, membersOf, notify, teamUrl, type Platform } from '../platform/index.ts'
import type { Links } from '../admission/index.ts'
import { newLink } from './actions.ts'
import { answerableBy } from './answer-addresses.ts'
import { dropEndedAnswerAddresses } from './answer-store.ts'
import { compareBetas } from './comparison.ts'
import { messageMail, reminderMail, teamMail } from './mails.ts'
import {
  countsOf,
  findMessage,
  markMailed,
  nextToMail,
  oldestUnanswered,
  teamToMail,
  testersToMail,
} from './message-store.ts'
import { placeOf, roomPath } from './place.ts'
import type { Room } from './room.ts'
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
  jobs.every('rooms-ended-links', 86_400, async ({ db, clock }) => {
    await dropEndedTokens(db, clock.now())
    await dropEndedAnswerAddresses(db, clock.now())
  })
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
    const begun = message.answersId === null ? null : await findMessage(tx, message.featureId, message.answersId)
    for (const { memberId, address } of await testersToMail(tx, message)) {
      const link = links.to(place.service, `room/${await newLink(tx, memberId, at)}`)
      const by = await answerableBy({ config }, tx, { featureId: message.featureId, whom: { memberId }, message }, at)
      await mail.send(messageMail({ place, message, begun, address, link, by }), tx)
    }
    const link = `${teamUrl({ config }, roomPath(place))}#m-${message.id}`
    for (const { accountId, address, roles } of await teamToMail(tx, message)) {
      const mailed = { featureId: message.featureId, whom: { accountId }, message }
      const by = allows('rooms.write', roles) ? await answerableBy({ config }, tx, mailed, at) : {}
      await mail.send(teamMail({ place, message, begun, address, link, by }), tx)
    }
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
      href: roomPath(place),
    })
    const link = teamUrl({ config }, roomPath(place))
    const oldest = await oldestUnanswered(tx, room.featureId)
    const writers = new Set(
      members.flatMap(({ accountId, role }) => (allows('rooms.write', [role]) ? [accountId] : [])),
    )
    for (const [accountId, address] of people) {
      const mailed = { featureId: room.featureId, whom: { accountId }, message: oldest, again: at }
      const by = oldest !== null && writers.has(accountId) ? await answerableBy({ config }, tx, mailed, at) : {}
      await mail.send(reminderMail({ place, unanswered, oldest, address, link, by }), tx)
    }
  })
}
