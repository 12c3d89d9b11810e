import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { besideField, may, readForm, Refusal, typedValues, type App, type Problem } from '../../platform/index.ts'
import type { Html } from '../../platform/html/index.ts'
import { servicePage } from '../../services/index.ts'
import type { Links } from '../links.ts'
import { wayBack } from '../pages/door-parts.ts'
import type { Snapshots } from '../snapshots.ts'
import { endAccountLink, inviteAccount, renewAccountLink } from './actions.ts'
import { readReturnSetting } from './claim-store.ts'
import { redeemClaim, setReturnSetting } from './claiming.ts'
import { accountsContent } from './pages/accounts-page.ts'
import { accountBody, linkBody, redeemBody, returnBody, returnForm } from './schemas.ts'
import { customersOf } from './store.ts'

const hidden = { schema: { hide: true } }
const one = z.object({ service: z.string().max(60), customer: z.uuid() })
const tags = ['Accounts and claims']
const params = z.object({ service: z.string().max(60) })

export function customerRoutes(app: App, snapshots: Snapshots, links: Links): void {
  pages(app, links)
  api(app, snapshots, links)
}

function pages(app: App, links: Links): void {
  const home = '/services/:service/customers'
  const back = ({ service }: FastifyRequest) => `/services/${service.key}/customers`
  app.get(home, hidden, (request, reply) => reply.page(show(request)))
  app.post(home, hidden, async (request, reply) => {
    const form = readForm(accountBody, request.body)
    const values = typedValues(request.body)
    if (!form.ok) return reply.code(422).page(show(request, { problems: form.problems, values }))
    try {
      const { people = null, ...wanted } = form.value
      await inviteAccount(request.context, links, request.service, { ...wanted, people })
    } catch (error) {
      const isOfAddress = error instanceof Refusal && error.code === 'invitation-not-wanted'
      const problems = [besideField(error, isOfAddress ? 'address' : 'name')]
      return reply.code(422).page(show(request, { problems, values }))
    }
    return reply.page(show(request, { invited: form.value.address }))
  })
  app.post(`${home}/return`, hidden, async (request, reply) => {
    const form = readForm(returnForm, request.body)
    const values = typedValues(request.body)
    if (!form.ok) return reply.code(422).page(show(request, { problems: form.problems, values }))
    try {
      const { origins, returnTo: address = null } = form.value
      await setReturnSetting(request.context, request.service, { origins, address })
    } catch (error) {
      return reply.code(422).page(show(request, { problems: [besideField(error, 'returnTo')], values }))
    }
    return reply.redirect(`${back(request)}#return`, 303)
  })
  app.post(`${home}/:customer/link`, { schema: { hide: true, params: one } }, async (request, reply) => {
    const form = readForm(linkBody, request.body)
    if (!form.ok) {
      const field = `address-${request.params.customer}`
      const problems = form.problems.map(({ message }) => ({ field, message }))
      const values = { [field]: typedValues(request.body)['address'] ?? '' }
      return reply.code(422).page(show(request, { problems, values }))
    }
    await renewAccountLink(request.context, links, request.service, { id: request.params.customer, ...form.value })
    return reply.page(show(request, { invited: form.value.address }))
  })
  app.post(`${home}/:customer/end-link`, { schema: { hide: true, params: one } }, async (request, reply) => {
    await endAccountLink(request.context, request.service, request.params.customer)
    return reply.redirect(`${back(request)}#accounts`, 303)
  })
}

interface Shown {
  problems?: Problem[]
  values?: Record<string, string>
  invited?: string | null
}

async function show(
  request: FastifyRequest,
  { problems = [], values = {}, invited = null }: Shown = {},
): Promise<Html> {
  const { context: ctx, service } = request
  const [customers, setting, mayInvite, mayEdit] = await Promise.all([
    customersOf(ctx.db, service.id, ctx.clock.now()),
    readReturnSetting(ctx.db, service.id),
    may(ctx, 'admission.invite', service.id),
    may(ctx, 'service.edit', service.id),
  ])
  const lede = 'Customers of a product: invite all of a company, or some of its people.'
  return servicePage(
    request,
    { title: 'Accounts', eyebrow: wayBack(service), active: 'admission', lede, problems },
    accountsContent({ service, customers, setting, mayInvite, mayEdit, invited, problems, values }),
  )
}

function api(app: App, snapshots: Snapshots, links: Links): void {
  const home = '/api/v1/services/:service/customers'
  app.get(
    home,
    { schema: { summary: 'Customer accounts, with how many of each are in', tags, params } },
    async (request) => {
      const { context: ctx, service } = request
      const customers = await customersOf(ctx.db, service.id, ctx.clock.now())
      return { customers, return: await readReturnSetting(ctx.db, service.id) }
    },
  )
  app.post(
    home,
    {
      schema: {
        summary: 'Invite a company: all of it, or so many of its people',
        tags,
        params,
        answers: [201],
        body: accountBody,
      },
    },
    async (request, reply) => {
      const { people = null, ...wanted } = request.body
      const made = await inviteAccount(request.context, links, request.service, { ...wanted, people })
      return reply.code(201).send(made)
    },
  )
  app.post(
    `${home}/:customer/link`,
    { schema: { summary: 'Send a new link; the one before ends', tags, params: one, answers: [200], body: linkBody } },
    async ({ context, service, params: { customer }, body }) =>
      renewAccountLink(context, links, service, { id: customer, ...body }),
  )
  app.delete(
    `${home}/:customer/link`,
    { schema: { summary: 'End the link; who is in stays in', tags, params: one, answers: [204] } },
    async ({ context, service, params: { customer } }, reply) => {
      await endAccountLink(context, service, customer)
      return reply.code(204).send()
    },
  )
  app.put(
    '/api/v1/services/:service/return-addresses',
    {
      schema: {
        summary: 'Where people may be sent back to with a claim',
        tags,
        params,
        answers: [204],
        body: returnBody,
      },
    },
    async ({ context, service, body: { origins, address = null } }, reply) => {
      await setReturnSetting(context, service, { origins, address })
      return reply.code(204).send()
    },
  )
  app.post(
    '/api/v1/services/:service/claims/redeem',
    { schema: { summary: 'Redeem a claim with your own ids', tags, params, answers: [200], body: redeemBody } },
    async ({ context, service, body }) => redeemClaim(context, snapshots, service, body),
  )
}
