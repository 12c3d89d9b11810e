import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Db } from '../../context.ts'
import { emailAddress as email } from '../../email-address.ts'
import { readForm, typedValues, type App } from '../../http/index.ts'
import type { Problem } from '../../problem.ts'
import { Refusal } from '../../refusal.ts'
import {
  changeInstallation,
  disableAccount,
  enableAccount,
  inviteAgain,
  inviteToInstallation,
  listColleagues,
  readColleague,
} from './actions.ts'
import { accountsPage, colleaguePage, type Viewer } from './pages.ts'
import { pageSize, type Colleague } from './store.ts'

/** What a service is called, by its id; the platform knows no services. */
export type TeamNames = (db: Db) => Promise<ReadonlyMap<string, { key: string; name: string }>>

const params = z.object({ account: z.uuid() })
const installation = z.enum(['owner', 'member'], 'Choose what the person may do')
const invitation = z.object({
  name: z.string().trim().min(1, 'Enter a name').max(200),
  email,
  installation: installation.default('member'),
})
const wanted = z.object({
  search: z.string().trim().max(200).default(''),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
})

export function colleagueRoutes(app: App, teamNames: TeamNames): void {
  pages(app, teamNames)
  api(app, teamNames)
}

function viewer({ context: { actor } }: FastifyRequest): Viewer {
  if (actor.kind !== 'account') throw new Refusal('not-signed-in')
  return { accountId: actor.accountId, name: actor.name }
}

function pages(app: App, teamNames: TeamNames): void {
  const list = async (
    request: FastifyRequest,
    reply: FastifyReply,
    query: z.output<typeof wanted>,
    tried: { problems: Problem[]; values: Record<string, string> } = { problems: [], values: {} },
  ) => {
    const { context: ctx } = request
    const found = await listColleagues(ctx, query)
    const teams = await teamNames(ctx.db)
    return reply.page(
      accountsPage({ ...found, ...query, ...tried, teams, viewer: viewer(request), now: ctx.clock.now() }),
    )
  }
  app.get('/accounts', { schema: { hide: true, querystring: wanted } }, (request, reply) =>
    list(request, reply, request.query),
  )
  app.post('/accounts', { schema: { hide: true } }, async (request, reply) => {
    const form = readForm(invitation, request.body)
    const again = (problems: Problem[]) =>
      list(request, reply.code(422), wanted.parse({}), { problems, values: typedValues(request.body) })
    if (!form.ok) return again(form.problems)
    try {
      const id = await inviteToInstallation(request.context, form.value)
      return await reply.redirect(`/accounts/${id}?done=invited`, 303)
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'account-exists') throw error
      return again([{ field: 'email', message: `${error.title}. ${error.whatToDo}` }])
    }
  })
  const done = z.object({ done: z.string().max(20).optional() })
  app.get('/accounts/:account', { schema: { hide: true, params, querystring: done } }, async (request, reply) => {
    const { context: ctx } = request
    const colleague = await readColleague(ctx, request.params.account)
    const teams = await teamNames(ctx.db)
    return reply.page(
      colleaguePage({
        colleague,
        teams,
        viewer: viewer(request),
        done: request.query.done ?? '',
        now: ctx.clock.now(),
      }),
    )
  })
  for (const [path, act] of deeds) {
    app.post(`/accounts/:account/${path}`, { schema: { hide: true, params } }, async (request, reply) => {
      const { account } = request.params
      await act(request.context, account)
      return reply.redirect(`/accounts/${account}?done=${path}`, 303)
    })
  }
}

/** What can be done to one account, by the last part of its address. */
const deeds = [
  ['invitation', inviteAgain],
  ['owner', (ctx, id) => changeInstallation(ctx, id, 'owner')],
  ['member', (ctx, id) => changeInstallation(ctx, id, 'member')],
  ['disable', disableAccount],
  ['enable', enableAccount],
] as const satisfies [string, (ctx: FastifyRequest['context'], id: string) => Promise<void>][]

const says = {
  invitation: 'Send an invitation again; the old link dies',
  owner: 'Make somebody an owner of the installation',
  member: 'Make an owner a member',
  disable: 'Disable an account: its sessions and streams end',
  enable: 'Enable an account again',
} as const

function api(app: App, teamNames: TeamNames): void {
  const tags = ['Accounts']
  const shown = async (db: Db, found: Colleague[]) => {
    const teams = await teamNames(db)
    return found.map(({ roles, hasPassword, passkeys, identities, ...rest }) => ({
      ...rest,
      signsInBy: { password: hasPassword, passkeys, identities },
      roles: roles.map(({ serviceId, role }) => ({ service: teams.get(serviceId)?.key ?? null, role })),
    }))
  }
  const one = async ({ context: ctx }: FastifyRequest, id: string) =>
    (await shown(ctx.db, [await readColleague(ctx, id)]))[0]
  app.get(
    '/api/v1/accounts',
    { schema: { summary: 'Everybody who has an account', tags, querystring: wanted } },
    async (request) => {
      const { total, colleagues } = await listColleagues(request.context, request.query)
      return { total, pageSize, accounts: await shown(request.context.db, colleagues) }
    },
  )
  app.post(
    '/api/v1/accounts',
    { schema: { summary: 'Invite a colleague', tags, answers: [201], body: invitation } },
    async (request, reply) =>
      reply.code(201).send(await one(request, await inviteToInstallation(request.context, request.body))),
  )
  app.get('/api/v1/accounts/:account', { schema: { summary: 'One account', tags, params } }, (request) =>
    one(request, request.params.account),
  )
  for (const [path, act] of deeds) {
    app.post(
      `/api/v1/accounts/:account/${path}`,
      { schema: { summary: says[path], answers: [200], tags, params } },
      async (request) => {
        await act(request.context, request.params.account)
        return one(request, request.params.account)
      },
    )
  }
}
