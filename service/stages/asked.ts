import { confirmationsOf, featuresOf, rolesToConfirm, type Feature } from '../features/index.ts'
import { rolesOf, type Db } from '../platform/index.ts'
import type { Service } from '../services/index.ts'
import { acknowledging, acknowledgingWords } from './stages.ts'
import { lastRequest, openTests } from './store.ts'

/** Something about a feature that waits for one person of the team. */
export interface Asked {
  title: string
  href: string
  text: string
}

/** FEAT-8, FEAT-13, FEAT-15: what this person was asked and has not done, for a role of theirs or by name. */
export async function askedOf(db: Db, service: Service, accountId: string): Promise<Asked[]> {
  const roles = await rolesOf(db, accountId, service.id)
  const features = await featuresOf(db, service.id)
  const pageOf = ({ key }: Feature): string => `/services/${service.key}/features/${key}`
  const asked: Asked[] = []
  for (const feature of features) {
    const { name, course, removalAskedAt } = feature
    if (course?.stage === 'internal-release') {
      const request = await lastRequest(db, { id: feature.id, course })
      const open = acknowledging.filter(
        (role) => roles.includes(role) && request?.acknowledgements.every((each) => each.role !== role) === true,
      )
      for (const role of open)
        asked.push({
          title: `“${name}” is ready for beta: acknowledge it as ${acknowledgingWords[role]}`,
          href: `${pageOf(feature)}/stages#ready`,
          text: 'Growth and Support both acknowledge, then Growth opens it.',
        })
    }
    if (removalAskedAt !== null) {
      const agreed = new Set((await confirmationsOf(db, feature.id)).map(({ role }) => role))
      if (rolesToConfirm.some((role) => roles.includes(role) && !agreed.has(role)))
        asked.push({
          title: `The flag of “${name}” asks to be removed`,
          href: `${pageOf(feature)}#removal`,
          text: 'Everybody has the feature. Say that the flag can go.',
        })
    }
  }
  const tests = await openTests(db, accountId, features)
  return [
    ...asked,
    ...tests.map(({ feature, task }) => ({
      title: `You are asked to try “${feature.name}”`,
      href: `${pageOf(feature)}/stages#testers`,
      text: task,
    })),
  ]
}
