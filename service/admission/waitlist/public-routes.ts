import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { emailAddress, readForm, type App, type Platform, type Problem } from '../../platform/index.ts'
import type { Links } from '../links.ts'
import { messagePage } from '../pages/public.ts'
import type { PublicDoor } from '../public-door.ts'
import { publicView, secret, tokenOf } from '../public-page.ts'
import { countBadLink, createRate, senderOf } from '../rate.ts'
import { askForPlace, confirmPlace, ownPlace, withdrawPlace } from './applying.ts'
import { appliedPage, applyPage, confirmPage, placePage } from './pages/public.ts'
import { readAnswers } from './rules.ts'
import { questionsOf } from './store.ts'
import { mostOptions, type Answers } from './waitlist.ts'

const schema = { schema: { hide: true } }
const addressForm = z.object({ email: emailAddress })
const longestField = 2_000

/** The waiting list as the public sees it. Nothing happens by looking. */
export function waitingRoutes(app: App, platform: Platform, { door, links }: { door: PublicDoor; links: Links }): void {
  const rate = createRate(platform.clock, { each: 20, all: 300 })
  const at = `${door.prefix}/waiting`

  app.get(at, schema, async (request, reply) => {
    const questions = await questionsOf(request.context.db, request.service.id)
    return reply.page(applyPage(publicView(request, door), questions, { problems: [], email: '', answers: {} }))
  })

  app.post(at, schema, async (request, reply) => {
    const { context: ctx, service } = request
    const questions = await questionsOf(ctx.db, service.id)
    const sent = (field: string): string[] => valuesOf(request.body, field)
    const address = readForm(addressForm, { email: sent('email')[0] ?? '' })
    const read = readAnswers(questions, sent)
    const agreed = sent('agreed').includes('yes')
    const problems: Problem[] = [...(address.ok ? [] : address.problems), ...(read.ok ? [] : read.problems)]
    if (read.ok && read.hasSpecial && !agreed)
      problems.push({ field: 'agreed', message: 'Agree to this use, or leave the questions under “About you” empty' })
    if (!address.ok || problems.length > 0) {
      const answers: Answers = { ...read.answers, ...(agreed ? { agreed: ['yes'] } : {}) }
      const typed = { problems, email: sent('email')[0] ?? '', answers }
      return reply.code(422).page(applyPage(publicView(request, door), questions, typed))
    }
    rate(service.id, senderOf(request))
    await askForPlace(ctx, links, service, { address: address.value.email, answers: read.answers, agreed })
    return reply.page(appliedPage(publicView(request, door)))
  })

  app.get(`${at}/:token`, schema, (request, reply) => showPlace(request, reply, door))
  app.post(`${at}/:token/confirm`, schema, async (request, reply) => {
    secret(reply)
    const isKnown = await confirmPlace(request.context, request.service, tokenOf(request))
    return isKnown ? showPlace(request, reply, door) : notKnown(request, reply, door)
  })
  app.post(`${at}/:token/withdraw`, schema, async (request, reply) => {
    secret(reply)
    const isKnown = await withdrawPlace(request.context, request.service, tokenOf(request))
    if (!isKnown) return notKnown(request, reply, door)
    return reply.page(messagePage(publicView(request, door), withdrawn))
  })
}

async function showPlace(request: FastifyRequest, reply: FastifyReply, door: PublicDoor) {
  secret(reply)
  const token = tokenOf(request)
  const found = await ownPlace(request.context, request.service, token)
  if (found.kind === 'unknown') return notKnown(request, reply, door)
  const view = publicView(request, door)
  return reply.page(
    found.kind === 'unconfirmed' ? confirmPage(view, { token, ...found }) : placePage(view, { token, ...found }),
  )
}

async function notKnown(request: FastifyRequest, reply: FastifyReply, door: PublicDoor) {
  await countBadLink(request, null)
  const text = ['It has run out, or part of it is missing. Copy all of it from the mail, or ask for a place again.']
  const words = { title: 'This link leads to no place on the list', text }
  return reply.code(404).page(messagePage(publicView(request, door), words, { withWaiting: true }))
}

const withdrawn = {
  title: 'You are off the list',
  text: ['Your answers are deleted, and we do not write to you again. The service goes on as before.'],
}

/** A field that was sent once is a text, sent several times a list of them. */
function valuesOf(body: unknown, field: string): string[] {
  const value: unknown = Object.entries(body ?? {}).find(([name]) => name === field)?.[1]
  const values = Array.isArray(value) ? value : [value]
  return values
    .filter((each) => typeof each === 'string')
    .slice(0, mostOptions + 1)
    .map((each) => each.slice(0, longestField))
}
