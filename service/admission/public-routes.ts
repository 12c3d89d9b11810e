import type { App, Platform } from '../platform/index.ts'
import { tryRoutes } from './betas/routes.ts'
import { accountRoutes } from './customers/public-routes.ts'
import { codeRoutes } from './codes/public-routes.ts'
import { enter, featurePreviewed, leave, usePreviewLink } from './acceptance.ts'
import { invitationRoutes } from './invitations/public-routes.ts'
import type { Links } from './links.ts'
import { leavePage, messagePage, previewPage } from './pages/public.ts'
import type { PublicDoor } from './public-door.ts'
import { publicView, secret, secretly, tokenOf } from './public-page.ts'
import { countBadLink } from './rate.ts'
import type { Snapshots } from './snapshots.ts'
import { waitingRoutes } from './waitlist/public-routes.ts'

interface Parts {
  door: PublicDoor
  snapshots: Snapshots
  links: Links
}

const schema = { schema: { hide: true } }

/** What the public sees of who gets in. No script is needed, and nothing happens by looking. */
export function publicRoutes(app: App, platform: Platform, parts: Parts): void {
  invitationRoutes(app, platform, parts)
  otherWaysIn(app, parts)
  waitingRoutes(app, platform, parts)
  codeRoutes(app, platform, parts)
  leaveRoutes(app, parts)
  accountRoutes(app, platform, parts)
  tryRoutes(app, platform, parts)
}

/** For the team and for guests of the team. */
function otherWaysIn(app: App, { door, snapshots }: Parts): void {
  app.get(`${door.prefix}/enter/:token`, schema, async (request, reply) => {
    secret(reply)
    const unit = await enter(request.context, request.service, tokenOf(request))
    if (unit === null) {
      await countBadLink(request, null)
      return reply.code(410).page(
        messagePage(publicView(request, door), {
          title: 'This link was good for one minute',
          text: ['It works once, and right away. Press “See it yourself” on the team page again.'],
        }),
      )
    }
    door.letIn(request, reply, { rung: 'staff', unit })
    return reply.redirect(door.home(request), 303)
  })

  const preview = `${door.prefix}/preview/:token`
  app.get(preview, schema, async (request, reply) => {
    const token = tokenOf(secretly(request, reply))
    const feature = await featurePreviewed(request.context, request.service, token)
    return reply.page(previewPage(publicView(request, door), { token, feature }))
  })
  app.post(preview, schema, async (request, reply) => {
    secret(reply)
    const isHalted = snapshots.halts.of(request.service.id) !== null
    const unit = isHalted ? null : await usePreviewLink(request.context, request.service, tokenOf(request))
    if (unit === null) {
      if (!isHalted) await countBadLink(request, null)
      return reply.code(410).page(
        messagePage(publicView(request, door), {
          title: 'This preview has ended',
          text: [
            'The link has run out, was withdrawn, or the new service is closed for now. Ask whoever sent it to you.',
          ],
        }),
      )
    }
    door.letIn(request, reply, { rung: 'preview', unit })
    return reply.redirect(door.home(request), 303)
  })
}

/** On the service's own host the gateway answers this itself. */
function leaveRoutes(app: App, { door }: Parts): void {
  app.get(`${door.prefix}/leave`, schema, (request, reply) => reply.page(leavePage(publicView(request, door))))
  if (door.kind === 'gateway') {
    app.post(`${door.prefix}/leave`, schema, async (request, reply) => {
      const pass = door.pass(request)
      if (pass !== null) await leave(request.context, request.service, pass.unit)
      return reply.redirect(door.home(request), 303)
    })
  }
}
