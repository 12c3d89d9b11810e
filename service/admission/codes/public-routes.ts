import type { FastifyReply, FastifyRequest } from 'fastify'
import { emailAddress, newSecret, typedValues, type App, type Platform } from '../../platform/index.ts'
import type { Links } from '../links.ts'
import { dayFullWords, fullWords, messagePage } from '../pages/public.ts'
import type { PublicDoor } from '../public-door.ts'
import { publicView, secret, shutWords, tokenOf } from '../public-page.ts'
import { countBadLink, createRate, senderOf } from '../rate.ts'
import type { Snapshots } from '../snapshots.ts'
import { codeAddressPage, codeLinkPage, codePage } from './pages/public.ts'
import { enterByCode, enterByCodeLink, isCodeLink, mailCodeLink, type CodeUse } from './using.ts'

const schema = { schema: { hide: true } }
const longest = 100

interface Parts {
  door: PublicDoor
  snapshots: Snapshots
  links: Links
}

/** ADM-49: a code that was read out, printed, or is shared. Looking at the page changes nothing. */
export function codeRoutes(app: App, platform: Platform, { door, snapshots, links }: Parts): void {
  const at = `${door.prefix}/code`
  const mailRate = createRate(platform.clock, { each: 10, all: 500 })

  app.get(at, schema, (request, reply) => {
    secret(reply)
    return reply.page(codePage(publicView(request, door), { nonce: newSecret(), problem: null, typed: '' }))
  })

  app.post(at, schema, async (request, reply) => {
    secret(reply)
    const { code, nonce } = fields(request)
    const shut = shutWords(request, snapshots, codeShut)
    if (shut !== null) return reply.code(409).page(messagePage(publicView(request, door), shut))
    const outcome = await enterByCode(request.context, {
      service: request.service,
      code,
      nonce,
      userAgent: agentOf(request),
    })
    if (outcome.kind === 'needs-address') {
      const view = publicView(request, door)
      return reply.page(codeAddressPage(view, { code, domain: outcome.domain, problem: null, typed: '' }))
    }
    return answered(request, reply, outcome)
  })

  app.post(`${at}/mail`, schema, async (request, reply) => {
    secret(reply)
    const { code, email } = fields(request)
    mailRate(request.service.id, senderOf(request))
    const view = publicView(request, door)
    const address = emailAddress.safeParse(email)
    const outcome = address.success
      ? await mailCodeLink(request.context, links, request.service, { code, address: address.data })
      : 'no-address'
    if (outcome === 'unknown') return answered(request, reply, { kind: 'unknown' })
    if (outcome === 'mailed') return reply.page(messagePage(view, words.mailed))
    const problem = outcome === 'no-address' ? noAddress : otherDomain
    return reply.code(422).page(codeAddressPage(view, { code, domain: null, problem, typed: email }))
  })

  app.get(`${at}/:token`, schema, async (request, reply) => {
    secret(reply)
    if (!(await isCodeLink(request.context, request.service, tokenOf(request)))) return noLink(request, reply)
    return reply.page(codeLinkPage(publicView(request, door), { token: tokenOf(request), nonce: newSecret() }))
  })
  app.post(`${at}/:token`, schema, async (request, reply) => {
    secret(reply)
    const shut = shutWords(request, snapshots, codeShut)
    if (shut !== null) return reply.code(409).page(messagePage(publicView(request, door), shut))
    const { nonce } = fields(request)
    const by = { service: request.service, token: tokenOf(request), nonce, userAgent: agentOf(request) }
    const outcome = await enterByCodeLink(request.context, by)
    return outcome.kind === 'unknown' ? noLink(request, reply) : answered(request, reply, outcome)
  })

  async function noLink(request: FastifyRequest, reply: FastifyReply) {
    await countBadLink(request, null)
    return reply.code(404).page(messagePage(publicView(request, door), words.noLink, { withCode: true }))
  }

  async function answered(request: FastifyRequest, reply: FastifyReply, outcome: CodeUse) {
    if (outcome.kind === 'in') {
      door.letIn(request, reply, { rung: outcome.rung, unit: outcome.unit })
      return reply.redirect(door.home(request), 303)
    }
    const view = publicView(request, door)
    if (outcome.kind === 'full') return reply.code(409).page(messagePage(view, fullWords, { withWaiting: true }))
    if (outcome.kind === 'day-full') return reply.code(409).page(messagePage(view, dayFullWords))
    // A guess is counted for its network; a code that was somebody's and has ended is no guess, but tells as much.
    await countBadLink(request, null)
    if (outcome.kind === 'unknown' || outcome.kind === 'needs-address')
      return reply
        .code(404)
        .page(codePage(view, { nonce: newSecret(), problem: notKnown, typed: fields(request).code }))
    return reply.code(410).page(messagePage(view, words[outcome.kind], { withWaiting: true }))
  }
}

const notKnown = 'Check the code: it has twelve letters and digits, without vowels, 0, 1, I, L, O, S and U'
const noAddress = 'Enter an email address in the correct format, like name@example.org'
const otherDomain = 'This code is for addresses of another organisation. Enter your address there'

function fields(request: FastifyRequest): { code: string; nonce: string; email: string } {
  const typed = typedValues(request.body)
  const nonce = (typed['nonce'] ?? '').slice(0, longest)
  return {
    code: (typed['code'] ?? '').slice(0, longest),
    nonce: nonce === '' ? newSecret() : nonce,
    email: (typed['email'] ?? '').slice(0, 254),
  }
}

function agentOf(request: FastifyRequest): string {
  return (request.headers['user-agent'] ?? '').slice(0, 500)
}

/** A code may be one of the team's: who comes in by it is known once it is read. */
const codeShut = { rung: 'staff', later: 'Try the code again later.' } as const

const words = {
  noLink: {
    title: 'This link leads nowhere',
    text: ['It has run out, or part of it is missing. Enter the code again to have a new one sent to you.'],
  },
  mailed: {
    title: 'Look into your mail',
    text: ['We have sent you a link. Open it to take part: it works for 24 hours.'],
  },
  'used-up': {
    title: 'This code was used already',
    text: [
      'It lets in as many people as it was made for, and no more. If it was yours alone, ask the team for another.',
    ],
  },
  expired: {
    title: 'This code has run out',
    text: ['You can go on using the service as before, or ask for a place.'],
  },
  revoked: {
    title: 'This code was withdrawn',
    text: ['You can go on using the service as before. If you think that this is a mistake, ask the team.'],
  },
}
